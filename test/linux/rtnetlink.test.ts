import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatPrefix, type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { AddressEntry, Network, NetworkEvent } from "../../src/linux/network.ts";
import { type NetworkOptions, openNetwork } from "../../src/linux/rtnetlink.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";
import { makePair, type Namespace, type Pair, requireNamespaces } from "./in-namespace.ts";

let pair: Pair;
let host: Namespace;
let network: Network;
let events: NetworkEvent[];

beforeEach(async (context) => {
  requireNamespaces(context);
  pair = await makePair();
  host = pair.left;
  network = await open();
});

afterEach(() => {
  network?.close();
  pair?.close();
});

async function open(options?: NetworkOptions): Promise<Network> {
  const opened = await host.run(() => openNetwork(options));
  events = [];
  opened.onChange((event) => events.push(event));
  return opened;
}

describe("the picture of links", () => {
  test("holds what the kernel has when it is opened", () => {
    const link = network.link("va");
    expect(link).toMatchObject({ name: "va", up: true, arp: true });
    expect(network.link("lo")).toMatchObject({ index: 1, up: true, arp: false });
    expect(network.links().map(({ name }) => name)).toEqual(["lo", "va"]);
    expect(Buffer.from(link?.hardwareAddress ?? []).toString("hex")).toBe(macOf("va"));
  });

  test("tells when a link goes down and comes up, and of nothing else about it", async () => {
    host.ip("link set va down");
    await waitFor(() => network.link("va")?.up === false, { what: "va down" });
    host.ip("link set va up");
    await waitFor(() => network.link("va")?.up === true, { what: "va up" });

    host.ip("link set va mtu 1400");
    host.ip("link add marker type veth peer name other");
    await waitFor(() => network.link("marker"), { what: "a later link" });
    const changes = events.filter((event) => event.kind === "link-changed" && event.link.name === "va");
    expect(changes).toMatchObject([{ link: { up: false } }, { link: { up: true } }]);
  });

  test("tells when the other end of the cable goes down", async () => {
    pair.right.ip("link set vb down");
    await waitFor(() => network.link("va")?.up === false, { what: "no carrier" });
  });

  test("follows a new name and a new hardware address", async () => {
    host.ip("link set va down");
    host.ip("link set va name eth7 address 02:00:00:00:00:07");
    await waitFor(() => network.link("eth7")?.hardwareAddress[5] === 7, { what: "the new name and address" });
    expect(network.link("va")).toBeUndefined();
  });

  test("forgets a link that is removed, and its addresses before it", async () => {
    host.ip("link del va");
    await waitFor(() => events.some(({ kind }) => kind === "link-removed"), { what: "the removal" });

    expect(network.link("va")).toBeUndefined();
    expect(addressesOf("va")).toEqual([]);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.indexOf("address-removed")).toBeLessThan(kinds.indexOf("link-removed"));
  });

  test("keeps a link that leaves a bridge", async () => {
    host.ip("link add br0 type bridge");
    host.ip("link set va master br0");
    host.ip("link set va nomaster");
    host.ip("link add marker type veth peer name other");
    await waitFor(() => network.link("marker"), { what: "a later link" });
    expect(network.link("va")).toBeDefined();
  });

  test("has no use for ARP on a link without it", async () => {
    host.ip("link set va arp off");
    await waitFor(() => network.link("va")?.arp === false, { what: "arp off" });
  });
});

describe("the picture of addresses", () => {
  test("names the primary address of an interface first", async () => {
    host.ip("addr add 10.9.0.5/32 dev va");
    host.ip("addr add 10.9.0.77/24 dev va");
    await waitFor(() => addressesOf("va").length === 3, { what: "three addresses" });
    expect(addressesOf("va")[0]).toBe("10.9.0.1/24");
  });

  test("keeps two prefix lengths of one address apart", async () => {
    host.ip("addr add 10.9.0.5/32 dev va");
    host.ip("addr add 10.9.0.5/24 dev va");
    await waitFor(() => addressesOf("va").length === 3, { what: "both entries" });

    host.ip("addr del 10.9.0.5/24 dev va");
    await waitFor(() => addressesOf("va").length === 2, { what: "one entry less" });
    expect(addressesOf("va")).toEqual(["10.9.0.1/24", "10.9.0.5/32"]);
  });

  test("tells when someone else removes an address", async () => {
    await network.addAddresses([entry("10.9.0.5/32")]);
    events.length = 0;

    host.ip("addr del 10.9.0.5/32 dev va");

    await waitFor(() => events.length > 0, { what: "the removal" });
    expect(events).toMatchObject([
      { kind: "address-removed", entry: { address: "10.9.0.5", prefixLength: 32 } },
    ]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24"]);
  });

  test("tells when someone flushes an interface", async () => {
    host.ip("addr flush dev va");
    await waitFor(() => addressesOf("va").length === 0, { what: "no address" });
    expect(events.map(({ kind }) => kind)).toContain("address-removed");
  });

  test("says nothing when an address only gets a new lifetime", async () => {
    host.ip("addr change 10.9.0.1/24 dev va valid_lft 1000 preferred_lft 1000");
    host.ip("addr add 10.9.0.5/32 dev va");
    await waitFor(() => events.length > 0, { what: "the new address" });
    expect(events).toMatchObject([{ kind: "address-added", entry: { address: "10.9.0.5" } }]);
  });

  test("shows our end of a point-to-point address", async () => {
    host.ip("addr add 10.8.0.1 peer 10.8.0.2/32 dev va");
    await waitFor(() => addressesOf("va").includes("10.8.0.1/32"), { what: "our end" });
  });
});

describe("adding addresses", () => {
  test("binds them as ip address add does, and shows them when it resolves", async () => {
    const results = await network.addAddresses([entry("10.9.0.5/32"), entry("10.9.0.6/24")]);

    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24", "10.9.0.5/32", "10.9.0.6/24"]);
    expect(events.map(({ kind }) => kind)).toEqual(["address-added", "address-added"]);
    const ours = shownByIp("va", "10.9.0.5");
    host.ip("addr add 10.9.0.7/32 dev va");
    expect(ours).toBe(shownByIp("va", "10.9.0.7").replaceAll("10.9.0.7", "10.9.0.5"));
  });

  test("gives the label that is asked for, and otherwise the interface's name", async () => {
    await network.addAddresses([{ ...entry("10.9.0.5/32"), label: "va:vip" }, entry("10.9.0.6/32")]);
    expect(shownByIp("va", "10.9.0.5")).toContain("scope global va:vip");
    expect(network.addresses().find(({ address }) => address === "10.9.0.5")?.label).toBe("va:vip");
    expect(network.addresses().find(({ address }) => address === "10.9.0.6")?.label).toBe("va");
  });

  test("asks the kernel when what runs now is through, so that an advert of the same turn goes first", async () => {
    const first = network.addAddresses([entry("10.9.0.5/32")]);
    const second = network.addAddresses([entry("10.9.0.6/32")]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24"]);
    await Promise.all([first, second]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24", "10.9.0.5/32", "10.9.0.6/32"]);
  });

  test("counts what is there already as added", async () => {
    await network.addAddresses([entry("10.9.0.5/32")]);
    const again = await network.addAddresses([entry("10.9.0.5/32"), entry("10.9.0.6/32")]);
    expect(again.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24", "10.9.0.5/32", "10.9.0.6/32"]);
  });

  test("binds IPv6 at once, without duplicate address detection and as no source for other traffic", async () => {
    const results = await network.addAddresses([entry("fd00::5/128"), entry("fd00::6/64")]);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(shownByIp("va", "fd00::5")).toMatch(
      /scope global nodad deprecated.*valid_lft forever preferred_lft 0sec/s,
    );
    expect(shownByIp("va", "fd00::6")).toMatch(
      /scope global nodad.*valid_lft forever preferred_lft forever/s,
    );
    expect(addressesOf("va")).toEqual(expect.arrayContaining(["fd00::5/128", "fd00::6/64"]));
  });

  test("adds and removes 300 addresses in one go", async () => {
    const entries = manyEntries(300);
    const added = await network.addAddresses(entries);
    expect(added.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(addressesOf("va")).toHaveLength(301);

    const removed = await network.removeAddresses(entries);
    expect(removed.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24"]);
  });

  test("does what was asked last, even when nobody waits for the answers", async () => {
    const entries = manyEntries(150);
    const answers = [network.addAddresses(entries), network.removeAddresses(entries)];
    await Promise.all(answers);
    expect(host.ip("-4 -o addr show dev va").trim().split("\n")).toHaveLength(1);
  });

  test("names the errno of each address that the kernel refuses", async () => {
    const results = await network.addAddresses([
      { ...entry("10.9.0.5/32"), interfaceIndex: 4711 },
      entry("10.9.0.6/32"),
    ]);
    expect(results.map(({ error }) => error)).toEqual(["ENODEV", undefined]);
  });

  test("answers EPERM to a process without CAP_NET_ADMIN", async () => {
    process.seteuid?.(65534);
    try {
      const results = await network.addAddresses([entry("10.9.0.5/32")]);
      expect(results.map(({ error }) => error)).toEqual(["EPERM"]);
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe("removing addresses", () => {
  test("counts what is missing, or was on a link that is gone, as removed", async () => {
    const results = await network.removeAddresses([
      entry("10.9.0.5/32"),
      entry("fd00::5/128"),
      { ...entry("10.9.0.6/32"), interfaceIndex: 4711 },
    ]);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });

  test("removes only the entry of that prefix length", async () => {
    await network.addAddresses([entry("10.9.0.5/32"), entry("10.9.0.5/24")]);
    await network.removeAddresses([entry("10.9.0.5/32")]);
    expect(addressesOf("va")).toEqual(["10.9.0.1/24", "10.9.0.5/24"]);
  });

  test("removes IPv6", async () => {
    await network.addAddresses([entry("fd00::5/128")]);
    await network.removeAddresses([entry("fd00::5/128")]);
    expect(addressesOf("va").filter((text) => text.startsWith("fd00"))).toEqual([]);
  });
});

describe("when the kernel tells more than the socket holds", () => {
  const SMALL = { receiveBufferBytes: 32_768 };

  let leave: (() => void) | undefined;

  beforeEach(async () => {
    network.close();
    leave = host.enter();
    network = await open(SMALL);
  });

  afterEach(() => leave?.());

  test("everything is read anew, and that is told", async () => {
    storm("add");
    await waitFor(() => events.some(({ kind }) => kind === "resynchronised"), { what: "resynchronised" });
    expect(addressesOf("va")).toHaveLength(1 + STORM);

    events.length = 0;
    host.ip("addr del 10.9.0.1/24 dev va");
    await waitFor(() => events.length > 0, { what: "an event through the new socket" });
  });

  test("what was removed meanwhile is gone from the picture", async () => {
    storm("add");
    await waitFor(() => addressesOf("va").length === 1 + STORM, { what: "the picture read anew" });
    storm("del");
    await waitFor(() => addressesOf("va").length === 1, { what: "the picture read anew" });
  });

  test("a request whose answer is lost is carried out all the same, in order, and answered", async () => {
    const vips = [entry("10.9.0.5/32"), entry("10.9.0.6/32")];
    const added = network.addAddresses(vips);
    const removed = network.removeAddresses(vips.slice(0, 1));
    storm("add");

    expect((await added).map(({ error }) => error)).toEqual([undefined, undefined]);
    expect((await removed).map(({ error }) => error)).toEqual([undefined]);
    expect(events.map(({ kind }) => kind)).toContain("resynchronised");
    expect(addressesOf("va")).toContain("10.9.0.6/32");
    expect(addressesOf("va")).not.toContain("10.9.0.5/32");
    expect(shownByIp("va", "10.9.0.5")).toBe("");
  });
});

const STORM = 600;

/** Changes many addresses while our event loop stands still. */
function storm(doing: "add" | "del"): void {
  const addresses = Array.from({ length: STORM }, (_, n) => `10.7.${n >> 8}.${n & 255}/32`);
  const input = addresses.map((address) => `addr ${doing} ${address} dev va`).join("\n");
  execFileSync("ip", ["-batch", "-"], { input, env: TOOL_ENVIRONMENT });
}

function addressesOf(name: string): string[] {
  const index = network.link(name)?.index;
  const entries = network.addresses().filter(({ interfaceIndex }) => interfaceIndex === index);
  return entries.map(formatPrefix).filter((text) => !text.startsWith("fe80"));
}

function entry(text: string): AddressEntry {
  const [address = "", length] = text.split("/");
  return {
    interfaceIndex: network.link("va")?.index ?? 0,
    address: parseIp(address) as IpAddress,
    prefixLength: Number(length),
  };
}

function manyEntries(count: number): AddressEntry[] {
  return Array.from({ length: count }, (_, n) => entry(`10.8.${n >> 8}.${n & 255}/32`));
}

/** What `ip address` says of one address, both its lines. */
function shownByIp(name: string, address: string): string {
  return host.ip(`addr show dev ${name} to ${address}`).split("\n").slice(1).join("\n");
}

function macOf(name: string): string {
  return (
    host
      .ip(`-o link show ${name}`)
      .match(/link\/ether (\S+)/)?.[1]
      ?.replaceAll(":", "") ?? ""
  );
}
