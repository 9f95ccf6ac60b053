import { describe, expect, it } from "vitest";
import { Concerned } from "../../src/agent/concerned.ts";
import { concerns } from "../../src/agent/host-view.ts";
import type { Instance } from "../../src/agent/instance.ts";
import type { InstanceConfig } from "../../src/config/config.ts";
import type { NetworkEvent } from "../../src/linux/network.ts";
import { FakeHost, instanceConfig, ip, LOCAL, VIP, virtualAddress } from "./fake-host.ts";

const host = new FakeHost();
const OTHER_SOURCE = ip("192.0.2.9");
const instances = [
  instanceConfig({ name: "by source" }),
  instanceConfig({ name: "by another source", sourceAddress: OTHER_SOURCE }),
  instanceConfig({ name: "by interface", sourceAddress: undefined }),
  instanceConfig({ name: "elsewhere", sourceAddress: undefined, interfaceName: "eth1" }),
  instanceConfig({
    ...{ name: "excluded", sourceAddress: OTHER_SOURCE, virtualAddresses: [] },
    excludedAddresses: [virtualAddress("192.0.2.100"), virtualAddress("192.0.2.101")],
  }),
].map((config) => ({ config }) as Instance);
const concerned = new Concerned(instances, host);

const addresses = [LOCAL, OTHER_SOURCE, VIP, ip("192.0.2.200")];
const events: readonly NetworkEvent[] = [
  ...[2, 3].flatMap((interfaceIndex) =>
    addresses.flatMap((address) =>
      (["address-added", "address-removed"] as const).map((kind) => ({
        kind,
        entry: { interfaceIndex, address, prefixLength: 24 },
      })),
    ),
  ),
  { kind: "link-changed", link: host.eth0 },
  { kind: "link-removed", link: { ...host.eth0, name: "eth1" } },
  { kind: "resynchronised" },
];

function names(found: readonly Instance[]): readonly string[] {
  return found.map(({ config }: { config: InstanceConfig }) => config.name).toSorted();
}

describe("the instances that a change on the host concerns", () => {
  it.each(events)("are found as if each were asked: %o", (event) => {
    const asked = instances.filter(({ config }) => concerns(event, config, host));
    expect(names(concerned.by(event))).toEqual(names(asked));
  });

  it("are, for an address of theirs, those that list it in virtual_ipaddress or virtual_ipaddress_excluded", () => {
    expect(names(concerned.managing(VIP))).toEqual([
      "by another source",
      "by interface",
      "by source",
      "elsewhere",
      "excluded",
    ]);
    expect(names(concerned.managing(ip("192.0.2.101")))).toEqual(["excluded"]);
    expect(concerned.managing(LOCAL)).toEqual([]);
  });
});
