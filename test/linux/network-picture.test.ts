import { beforeEach, describe, expect, test } from "vitest";
import { formatPrefix, type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { AddressEntry, Link } from "../../src/linux/network.ts";
import { NetworkPicture } from "../../src/linux/network-picture.ts";

const ETH0: Link = {
  index: 2,
  name: "eth0",
  up: true,
  arp: true,
  hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
};

let picture: NetworkPicture;

beforeEach(() => {
  picture = new NetworkPicture();
});

describe("a picture of the network", () => {
  test("answers each message with what it changed", () => {
    const vip = entry("10.0.0.5/32");
    expect(picture.apply({ kind: "link", link: ETH0 })).toEqual([{ kind: "link-changed", link: ETH0 }]);
    expect(picture.apply({ kind: "link", link: { ...ETH0 } })).toEqual([]);
    expect(picture.apply({ kind: "address", entry: vip })).toEqual([{ kind: "address-added", entry: vip }]);
    expect(picture.apply({ kind: "address", entry: vip })).toEqual([]);
    expect(picture.apply({ kind: "address-gone", entry: vip })).toEqual([
      { kind: "address-removed", entry: vip },
    ]);
    expect(picture.apply({ kind: "address-gone", entry: vip })).toEqual([]);
    expect(picture.apply({ kind: "link-gone", index: 2 })).toEqual([{ kind: "link-removed", link: ETH0 }]);
    expect(picture.apply({ kind: "link-gone", index: 2 })).toEqual([]);
  });

  test("lists what is there after each change, whoever asked before it", () => {
    const vip = entry("10.0.0.5/32");
    picture.apply({ kind: "link", link: ETH0 });
    expect(picture.addresses).toEqual([]);
    picture.apply({ kind: "address", entry: vip });
    expect(picture.addresses).toEqual([vip]);
    picture.apply({ kind: "address-gone", entry: vip });
    expect(picture.addresses).toEqual([]);
    picture.apply({ kind: "address", entry: vip });
    expect([picture.addresses, picture.links]).toEqual([[vip], [ETH0]]);
    picture.apply({ kind: "link-gone", index: 2 });
    expect([picture.addresses, picture.links]).toEqual([[], []]);
  });

  test.each([{ name: "wan0" }, { up: false }, { arp: false }, { hardwareAddress: new Uint8Array(6) }])(
    "calls %o a change of the link",
    (difference) => {
      picture.apply({ kind: "link", link: ETH0 });
      expect(picture.apply({ kind: "link", link: { ...ETH0, ...difference } })).toHaveLength(1);
    },
  );

  test("drops the addresses of a link that is gone, and only those", () => {
    picture.apply({ kind: "link", link: ETH0 });
    picture.apply({ kind: "address", entry: entry("10.0.0.1/24") });
    picture.apply({ kind: "address", entry: { ...entry("10.0.0.5/32"), interfaceIndex: 3 } });

    const events = picture.apply({ kind: "link-gone", index: 2 });

    expect(events.map(({ kind }) => kind)).toEqual(["address-removed", "link-removed"]);
    expect(shown()).toEqual(["10.0.0.5/32"]);
  });

  test("lists addresses in the kernel's order, even if one was heard of before the list came to it", () => {
    picture.apply({ kind: "address", entry: entry("10.0.0.5/32") });
    picture.list({ kind: "address", entry: entry("10.0.0.1/24") });
    picture.list({ kind: "address", entry: entry("10.0.0.5/32") });
    expect(shown()).toEqual(["10.0.0.1/24", "10.0.0.5/32"]);
  });

  test("leaves an address that is told of again in its place, with its new label", () => {
    for (const text of ["10.0.0.1/24", "10.0.0.5/32"]) picture.apply({ kind: "address", entry: entry(text) });
    picture.apply({ kind: "address", entry: { ...entry("10.0.0.1/24"), label: "wan0" } });
    expect(shown()).toEqual(["10.0.0.1/24", "10.0.0.5/32"]);
    expect(picture.addresses[0]?.label).toBe("wan0");
  });
});

function shown(): string[] {
  return picture.addresses.map(formatPrefix);
}

function entry(text: string): AddressEntry {
  const [address = "", length] = text.split("/");
  return { interfaceIndex: 2, address: parseIp(address) as IpAddress, prefixLength: Number(length) };
}
