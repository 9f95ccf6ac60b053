import { formatPrefix } from "../../base/ip.ts";
import type { InstanceConfig, VirtualAddress } from "../../config/config.ts";
import { checkAgainstHost } from "../../config/host.ts";
import { formatPath } from "../../config/problem.ts";
import { answer, type Check, type Discovery, fine, ONLY_ROOT_ASKS_THE_AGENT, unseen } from "../check.ts";
import type { NetworkView } from "../host.ts";
import { virtualAddressesOf } from "../virtual-addresses.ts";

/** Interfaces and addresses, as the configuration wants them and as they are. */
export const ADDRESS_CHECKS: readonly Check[] = [
  {
    code: "host/config-mismatch",
    title: "the configuration fits this host",
    severity: "failure",
    why: "One file is often copied to all nodes. Interfaces that are named differently here, a source address of the other node, or a peer that is this node itself pass every check of the file alone, and keep the instance in FAULT.",
    run: async ({ config, host }) => {
      const mistakes = checkAgainstHost(config, await host.network());
      const discoveries = mistakes.map(
        (mistake): Discovery => ({
          severity: mistake.severity === "error" ? "failure" : "warning",
          message: `${formatPath(mistake.path)}: ${mistake.message}`,
          evidence: [],
          consequence: "the instance stays in FAULT, or does not start",
          fix: { advice: mistake.fix, commands: [] },
        }),
      );
      return answer(discoveries, config.instances.map(({ name }) => name).join(", "));
    },
  },
  {
    code: "host/interface-down",
    title: "the interfaces are up",
    severity: "failure",
    why: "An instance whose interface is down is in FAULT and takes nothing over.",
    run: async ({ config, host }) => {
      const { links } = await host.network();
      const names = new Set(config.instances.flatMap(interfacesOf));
      const down = links.filter(({ name, up }) => names.has(name) && !up);
      return answer(
        down.map(({ name }) => ({
          message: `${name} is down, or has no carrier`,
          evidence: [],
          consequence: "its instances are in FAULT",
          fix: { advice: "bring the interface up", commands: [["ip", "link", "set", "dev", name, "up"]] },
        })),
        [...names].join(", "),
      );
    },
  },
  {
    code: "host/vip-other-prefix",
    title: "no virtual address is bound with another prefix length",
    severity: "failure",
    why: "The kernel keeps 10.0.0.5/24 and 10.0.0.5/32 as two entries. An entry that somebody else made stays when the agent removes its own, so two nodes answer for the address after a failover.",
    run: async ({ config, host }) => {
      const network = await host.network();
      return answer(
        config.instances.flatMap((instance) => strayEntries(instance, network)),
        "none is",
      );
    },
  },
  {
    code: "host/vip-bound-without-agent",
    title: "no virtual address is bound while no agent runs",
    severity: "warning",
    why: "Something else bound it: another failover program, a network service that reads the cloud's metadata, or a crash. Until an agent starts here and removes it, this host answers for the address whoever is MASTER.",
    run: async ({ config, host, agent, configFile }) => {
      if (agent) return fine("an agent runs");
      if (!host.isRoot) return unseen(ONLY_ROOT_ASKS_THE_AGENT);
      const network = await host.network();
      const bound = config.instances.flatMap(virtualAddressesOf).filter((entry) => entryOf(network, entry));
      return answer(
        bound.map((entry) => ({
          message: `${formatPrefix(entry)} is bound on ${entry.interfaceName}, and no agent runs here`,
          evidence: [],
          consequence: "two hosts answer for the address when another node is MASTER",
          fix: {
            advice: "remove what a crash left behind",
            commands: [["cloudvip", "cleanup", "--config", configFile]],
          },
        })),
        "none is",
      );
    },
  },
];

function strayEntries(instance: InstanceConfig, network: NetworkView): readonly Discovery[] {
  return virtualAddressesOf(instance).flatMap((wanted) =>
    network.addresses.flatMap((entry): Discovery[] => {
      const name = network.links.find(({ index }) => index === entry.interfaceIndex)?.name ?? "?";
      const same = entry.prefixLength === wanted.prefixLength && name === wanted.interfaceName;
      if (entry.address !== wanted.address || same) return [];
      return [
        {
          message: `${instance.name}: ${wanted.address} is bound as ${formatPrefix(entry)} on ${name}, but configured as ${formatPrefix(wanted)} on ${wanted.interfaceName}`,
          evidence: [],
          consequence: "that entry stays when this node leaves MASTER, and two nodes answer for the address",
          fix: {
            advice: "remove the entry, and find out who made it",
            commands: [["ip", "address", "del", formatPrefix(entry), "dev", name]],
          },
        },
      ];
    }),
  );
}

function entryOf({ links, addresses }: NetworkView, wanted: VirtualAddress) {
  const index = links.find(({ name }) => name === wanted.interfaceName)?.index;
  return addresses.find(
    (entry) =>
      entry.interfaceIndex === index &&
      entry.address === wanted.address &&
      entry.prefixLength === wanted.prefixLength,
  );
}

function interfacesOf(instance: InstanceConfig): readonly string[] {
  return [instance.interfaceName, ...virtualAddressesOf(instance).map(({ interfaceName }) => interfaceName)];
}
