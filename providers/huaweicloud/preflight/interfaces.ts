/** The nodes' network interfaces. */
import { byHand, verdict } from "../../../src/provider/preflight.ts";
import { isChecked, pairsUnchecked } from "../pairs.ts";
import { type HuaweiCheck, pairsCall } from "./check.ts";

export const INTERFACE_CHECKS: readonly HuaweiCheck[] = [
  {
    code: "huaweicloud/source-destination-check",
    title: "the source/destination check is off on every node",
    severity: "failure",
    why: "An interface with the check on drops packets that are not from or for its own addresses, and a virtual IP is none of them. The pair 1.1.1.1/0 in the interface's allowed_address_pairs switches it off; binding in the console sets it.",
    ask: async (facts) => {
      const nodes = await facts.foundNodes();
      const checked = nodes.filter(({ nic }) => isChecked(nic));
      const findings = checked.map(({ name, nic }) => ({
        message: `the source/destination check of ${nic.id}, the interface of ${name}, is on`,
        evidence: [
          `allowed_address_pairs: ${nic.allowed_address_pairs.map(({ ip_address }) => ip_address).join(", ") || "none"}`,
        ],
        consequence: `with ${name} as MASTER the VPC drops the virtual address's packets`,
        fix: {
          advice: "switch it off",
          calls: [pairsCall(facts, nic, pairsUnchecked)],
          commands: [],
        },
      }));
      return verdict(findings, nodes.map(({ nic }) => nic.id).join(", "));
    },
  },
  {
    code: "huaweicloud/foreign-source-address",
    title: "the source of the adverts is an address of the interface",
    severity: "failure",
    why: "Virtual IPs are bound by the address of an interface. A source that the cloud does not know there is filtered.",
    ask: async (facts) => {
      const nic = await facts.ownPort();
      const { sourceAddress } = facts.settings;
      const own = nic.fixed_ips.map(({ ip_address }) => ip_address);
      const foreign = byHand(
        `${sourceAddress} is no address of the network interface ${nic.id}`,
        [own.join(", ")],
        {
          consequence: "the VPC drops this node's adverts, and the peers take over from it",
          advice: "use the interface's own address as `unicast_src_ip`",
        },
      );
      return verdict(own.includes(sourceAddress) ? [] : [foreign], sourceAddress);
    },
  },
  {
    code: "huaweicloud/peer-not-found",
    title: "each peer is a network interface of this project",
    severity: "warning",
    why: "The peers' addresses come from the configuration alone. One that no port has is a mistake, or a server of another project, of which doctor cannot see bindings or security groups.",
    ask: async (facts) => {
      const peers = (await facts.nodes()).filter(({ isSelf }) => !isSelf);
      if (peers.length === 0) return undefined;
      const missing = peers.filter(({ nic }) => nic === undefined);
      const findings = missing.map(({ address }) =>
        byHand(`no port of this project has the address ${address}`, [], {
          consequence: "if that is a mistake, this node has no peer and becomes MASTER beside the real one",
          advice: "correct `unicast_peer`",
        }),
      );
      return verdict(findings, peers.map(({ address }) => address).join(", "));
    },
  },
  {
    code: "huaweicloud/peer-down",
    title: "each peer's interface is up",
    severity: "failure",
    why: "The port of a server that is stopped is DOWN. It stays bound and listed, and there is nobody to fail over to.",
    ask: async (facts) => {
      const peers = (await facts.foundNodes()).filter(({ isSelf }) => !isSelf);
      if (peers.length === 0) return undefined;
      const down = peers.filter(({ nic }) => nic.status === "DOWN");
      const findings = down.map(({ address, nic }) =>
        byHand(
          `the interface ${nic.id} of the peer ${address} is DOWN`,
          [`server ${nic.device_id || "none"}`],
          {
            consequence: "there is nobody to take over from this node",
            advice: "find out why the server is stopped, and start it",
          },
        ),
      );
      return verdict(findings, peers.map(({ nic }) => nic.status).join(", "));
    },
  },
];
