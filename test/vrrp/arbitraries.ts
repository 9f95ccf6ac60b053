/** Random advertisements, endpoints and bytes for the property tests. */
import fc from "fast-check";
import { type IpFamily, ipFromBytes } from "../../src/base/ip.ts";
import { type Millis, millis } from "../../src/base/units.ts";
import type { Advertisement } from "../../src/vrrp/advertisement.ts";
import type { ChecksumForm, Endpoints } from "../../src/vrrp/checksum.ts";

/** An advertisement and where it travels. */
export interface Sent {
  readonly advertisement: Advertisement;
  readonly endpoints: Endpoints;
  readonly checksumForm: ChecksumForm;
}

export function address(family: IpFamily) {
  const length = family === 4 ? 4 : 16;
  return fc.uint8Array({ minLength: length, maxLength: length }).map(ipFromBytes);
}

export function endpoints(family: IpFamily): fc.Arbitrary<Endpoints> {
  return fc.record({ source: address(family), destination: address(family) });
}

/** Whatever we could send: both versions, both families, both checksum forms. */
export const sent: fc.Arbitrary<Sent> = fc.oneof(versionThree(4), versionThree(6), versionTwo());

/** Anything that a socket could deliver, with a good share that starts like VRRP and has a plausible length. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .record({
      first: fc.constantFrom(0x21, 0x31, 0x22, 0x41),
      count: fc.nat(4),
      rest: fc.uint8Array({ minLength: 4, maxLength: 84 }),
    })
    .map(({ first, count, rest }) => Uint8Array.from([first, 51, 100, count, ...rest])),
);

function versionThree(family: IpFamily): fc.Arbitrary<Sent> {
  return fc.record({
    endpoints: endpoints(family),
    checksumForm: fc.constantFrom<ChecksumForm>("rfc5798", "rfc9568"),
    advertisement: fc.record({
      version: fc.constant(3 as const),
      ...fields(family),
      advertInterval: times(10, 4095),
      authentication: fc.constant(undefined),
    }),
  });
}

function versionTwo(): fc.Arbitrary<Sent> {
  return fc.record({
    endpoints: endpoints(4),
    checksumForm: fc.constantFrom<ChecksumForm>("rfc5798", "rfc9568"),
    advertisement: fc.record({
      version: fc.constant(2 as const),
      ...fields(4),
      advertInterval: times(1000, 255),
      authentication: fc.record({
        type: fc.nat(2),
        data: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      }),
    }),
  });
}

function fields(family: IpFamily) {
  return {
    virtualRouterId: fc.integer({ min: 1, max: 255 }),
    priority: fc.nat(255),
    addresses: fc.array(address(family), { maxLength: 20 }),
  };
}

function times(unit: number, max: number): fc.Arbitrary<Millis> {
  return fc.integer({ min: 1, max }).map((count) => millis(count * unit));
}
