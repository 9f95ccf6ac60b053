import { describe, expect, test } from "vitest";
import { parseIp } from "../../src/base/ip.ts";
import { checkDocument } from "../../src/config/check-document.ts";
import { checkAgainstHost, type HostView } from "../../src/config/host.ts";
import { readYaml } from "../../src/config/load-yaml.ts";
import { locateMistakes } from "../../src/config/mistake.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { oneLine, withOptions } from "./snippets.ts";

/** A host with eth0 and eth1; addresses as `INTERFACE ADDRESS/LENGTH`, an interface's primary one first. */
function hostWith(...addresses: readonly string[]): HostView {
  const links = ["lo", "eth0", "eth1"].map((name, index) => ({ name, index }));
  return {
    links,
    addresses: addresses.map((line) => {
      const [name, address = "", length] = line.split(/[ /]/);
      const interfaceIndex = links.find((link) => link.name === name)?.index ?? -1;
      return { interfaceIndex, address: parseIp(address)!, prefixLength: Number(length) };
    }),
  };
}

function found(text: string, host: HostView): readonly string[] {
  const { document, locate } = readYaml(text);
  const { document: checked, mistakes } = checkDocument(document);
  expect(mistakes).toEqual([]);
  const config = resolveConfig(checked!, { hostName: "host", passwords: new Map() });
  return locateMistakes(checkAgainstHost(config, host), locate).map((problem) =>
    oneLine(problem).replace("vrrp_instance.", ""),
  );
}

const USUAL = ["eth0 10.0.0.4/24", "eth1 10.1.0.4/24"];

test("a host that has what the file names is fine", () => {
  expect(found(withOptions(""), hostWith(...USUAL))).toEqual([]);
});

test("a missing interface is an error that names those that exist", () => {
  expect(found(withOptions("").replace("eth0", "ens5"), hostWith(...USUAL))).toEqual([
    "3:16 error VI_1.interface: there is no interface ens5 on this host; write one of eth0, eth1, or dynamic_interfaces in global_defs if it arrives later",
  ]);
});

test("a missing interface of one virtual address is an error there", () => {
  const text = withOptions("virtual_ipaddress_excluded: [{ address: 10.0.0.11, dev: ens5 }]");
  expect(found(text, hostWith(...USUAL))).toEqual([
    "8:61 error VI_1.virtual_ipaddress_excluded[0].dev: there is no interface ens5 on this host; write one of eth0, eth1, or dynamic_interfaces in global_defs if it arrives later",
  ]);
});

describe("with dynamic_interfaces", () => {
  const dynamic = (text: string) => `${text}global_defs: { dynamic_interfaces: true }\n`;

  test("a missing interface is a warning: the instance waits for it", () => {
    expect(found(dynamic(withOptions("").replace("eth0", "ens5")), hostWith(...USUAL))).toEqual([
      "3:16 warning VI_1.interface: there is no interface ens5 on this host; the instance waits in FAULT until it appears; attach it, or write one of eth0, eth1",
    ]);
  });

  test("a missing interface is no fault of an instance that does not track it", () => {
    const text = withOptions("dont_track_primary: true").replace("eth0", "ens5");
    expect(found(dynamic(text), hostWith())).toEqual([
      "3:16 warning VI_1.interface: there is no interface ens5 on this host; the instance has nothing to send from until it appears; attach it, or write one of eth0, eth1",
    ]);
  });

  test("a virtual address waits for its own interface, as one that moves between servers", () => {
    const text = withOptions("virtual_ipaddress_excluded: [{ address: 10.0.0.11, dev: ens5 }]");
    expect(found(dynamic(text), hostWith(...USUAL))).toEqual([
      "8:61 warning VI_1.virtual_ipaddress_excluded[0].dev: there is no interface ens5 on this host; 10.0.0.11 is bound when it appears; attach it, or write one of eth0, eth1",
    ]);
  });
});

test("a source address that the host does not have leaves the instance in FAULT, and is a warning", () => {
  expect(found(withOptions(""), hostWith("eth0 10.0.0.44/24"))).toEqual([
    "5:21 warning VI_1.unicast_src_ip: 10.0.0.4 is not an address of this host; the instance stays in FAULT until it appears; write an address of eth0: 10.0.0.44",
  ]);
});

test("an interface without an address to send from is a warning", () => {
  const text = withOptions("").replace(/ {4}unicast_src_ip.*\n/, "");
  expect(found(text, hostWith())).toEqual([
    "3:16 warning VI_1.interface: eth0 has no IPv4 address to send adverts from; the instance stays in FAULT until it has one; give eth0 an address, or write another interface",
  ]);
  expect(found(text, hostWith("eth0 10.0.0.4/24"))).toEqual([]);
});

test("a peer that is any address of the host is this node itself", () => {
  expect(found(withOptions(""), hostWith(...USUAL, "eth1 10.0.0.5/24"))).toEqual([
    "6:20 error VI_1.unicast_peer[0]: 10.0.0.5 is this node itself: an address of eth1; remove it; list only the other nodes",
  ]);
});

test("a virtual address that is the primary address of its interface is an error", () => {
  const text = withOptions("").replace("10.0.0.10/32", "{ address: 10.1.0.4/32, dev: eth1 }");
  expect(found(text, hostWith(...USUAL))).toEqual([
    "7:25 error VI_1.virtual_ipaddress[0]: 10.1.0.4 is the primary address of eth1, which this node would lose as BACKUP; write an address that moves between the nodes, not one that a node keeps",
  ]);
});

test("a virtual address that a crash left behind is no mistake", () => {
  const text = withOptions("virtual_ipaddress_excluded: [{ address: 10.1.0.9/32, dev: eth1 }]");
  expect(found(text, hostWith("eth0 10.0.0.4/24", "eth0 10.0.0.10/32", "eth1 10.1.0.9/32"))).toEqual([]);
});
