import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { StreamTable } from "../../../src/doctor/wire/stream-table.ts";
import { type Advertisement, encodeAdvertisement } from "../../../src/vrrp/advertisement.ts";
import { encodeIpv4Packet, type Ipv4Packet } from "../../../src/vrrp/ipv4-header.ts";
import { encodeProbe } from "../../../src/vrrp/probe.ts";
import { anyBytes } from "../../vrrp/arbitraries.ts";
import { ip } from "../../vrrp/fixtures.ts";

const SELF = ip("10.0.0.4");
const PEER = ip("10.0.0.5");
const STRANGER = ip("10.0.0.66");

let table: StreamTable;

beforeEach(() => {
  table = new StreamTable([{ source: SELF, peer: PEER, virtualRouterId: 51, ttl: 255 }]);
});

describe("what is seen on the wire", () => {
  test("is kept by sender and virtual router, with its last advert and its times", () => {
    see(advert(), { identification: 7, timeMicros: 1_000_500 });
    see(advert({ priority: 90 }, { ttl: 64 }), { identification: 8, timeMicros: 1_100_700 });
    expect(table.streams).toMatchObject([
      {
        source: PEER,
        destination: SELF,
        virtualRouterId: 51,
        version: 3,
        count: 2,
        ttls: [255, 64],
        last: { priority: 90, checksumForm: "rfc5798" },
        arrivals: [1000.5, 1100.7],
        identifications: [7, 8],
      },
    ]);
  });

  test("is not mixed up between a bridge and its port, both of which show each packet", () => {
    see(advert(), { interfaceName: "eth0" });
    see(advert(), { interfaceName: "br0" });
    expect(table.streams.map(({ count, interfaceName }) => [interfaceName, count])).toEqual([
      ["eth0", 1],
      ["br0", 1],
    ]);
  });

  test("is counted again where the kernel hands it to a raw socket", () => {
    see(advert());
    see(advert());
    table.deliver(encodeIpv4Packet(advert(), 1));
    expect(table.streams).toMatchObject([{ count: 2, delivered: 1 }]);
  });

  test("counts what is no proper advert by reason", () => {
    see({ ...advert(), payload: advert().payload.subarray(0, 10) });
    see({
      ...advert(),
      payload: Uint8Array.from(advert().payload, (byte, at) => (at === 2 ? byte ^ 1 : byte)),
    });
    expect(table.streams[0]?.invalid).toEqual(
      new Map([
        ["truncated", 1],
        ["checksum", 1],
      ]),
    );
    expect(table.streams[0]?.last).toBeUndefined();
  });

  test("is of a stranger only where it is for a virtual router of ours, and of a peer in any case", () => {
    see(advert({ virtualRouterId: 99 }, { source: STRANGER }));
    see(advert({ virtualRouterId: 51 }, { source: STRANGER }));
    see(advert({ virtualRouterId: 99 }));
    expect(table.streams.map(({ source, virtualRouterId }) => [source, virtualRouterId])).toEqual([
      [STRANGER, 51],
      [PEER, 99],
    ]);
  });

  test("is no probe", () => {
    const payload = encodeProbe({ kind: "question", virtualRouterId: 51, nonce: new Uint8Array(8) });
    see({ source: PEER, destination: SELF, ttl: 255, payload });
    expect(table.streams).toEqual([]);
  });
});

describe("a flood", () => {
  test("of many senders leaves room for the peer, and is counted", () => {
    for (let number = 0; number < 5_000; number++) {
      see(advert({}, { source: ip(`10.1.${number >> 8}.${number & 0xff}`) }));
    }
    see(advert());
    expect(table.streams).toHaveLength(33);
    expect(table.streams.at(-1)).toMatchObject({ source: PEER, count: 1 });
    expect(table.omitted).toBe(5_000 - 32);
  });

  test("of one sender is counted, and not all of its times are kept", () => {
    for (let number = 0; number < 3_000; number++) see(advert());
    expect(table.streams[0]).toMatchObject({ count: 3_000 });
    expect(table.streams[0]?.arrivals).toHaveLength(2_000);
    expect(table.streams[0]?.identifications).toHaveLength(2_000);
  });

  test("in a peer's name, for every virtual router and group, has an end", () => {
    for (let number = 0; number < 10_000; number++) {
      const destination = ip(`10.2.${number >> 8}.${number & 0xff}`);
      see(advert({ virtualRouterId: 1 + (number % 255) }, { destination }));
    }
    expect(table.streams).toHaveLength(4_096);
  });

  test("of nonsense never crashes", () => {
    fc.assert(
      fc.property(anyBytes, fc.boolean(), (payload, wrapped) => {
        const packet = { source: PEER, destination: SELF, ttl: 255, payload };
        const bytes = wrapped ? encodeIpv4Packet(packet, 1) : payload;
        table.see({ bytes, timeMicros: 0, interfaceName: null, outgoing: false });
        table.deliver(bytes);
      }),
    );
  });
});

function see(
  packet: Ipv4Packet,
  more: { identification?: number; timeMicros?: number; interfaceName?: string } = {},
): void {
  const { identification = 1, timeMicros = 0, interfaceName = "eth0" } = more;
  table.see({ bytes: encodeIpv4Packet(packet, identification), timeMicros, interfaceName, outgoing: false });
}

function advert(change: Partial<Advertisement> = {}, travel: Partial<Ipv4Packet> = {}): Ipv4Packet {
  const endpoints = { source: PEER, destination: SELF, ...travel };
  const advertisement: Advertisement = {
    version: 3,
    virtualRouterId: 51,
    priority: 100,
    advertInterval: millis(1000),
    addresses: [ip("10.0.0.10")],
    authentication: undefined,
    ...change,
  };
  const payload = encodeAdvertisement(advertisement, { ...endpoints, checksumForm: "rfc5798" });
  return { ttl: 255, ...endpoints, payload };
}
