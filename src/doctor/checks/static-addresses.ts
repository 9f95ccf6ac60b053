import { answer, type Check } from "../check.ts";
import { filesNaming } from "../mentions.ts";
import { virtualAddressesOf } from "../virtual-addresses.ts";

/** Addresses that the host binds by itself. */
export const STATIC_ADDRESS_CHECKS: readonly Check[] = [
  {
    code: "host/vip-configured-statically",
    title: "no network configuration binds a virtual address",
    severity: "failure",
    why: "An address that netplan, ifupdown, systemd-networkd or NetworkManager is told to bind comes back at each boot and each reload, whoever is MASTER. Somebody may have written it there for a test; cloud-init writes every address that the cloud's metadata names, on AWS the VIP among them.",
    run: ({ config, host }) => {
      const found = config.instances.flatMap(virtualAddressesOf).flatMap((entry) =>
        filesNaming(entry, PLACES, host).map((file) => ({
          message: `${file} makes ${entry.address} an address of this host`,
          evidence: [`${file} names ${entry.address}`],
          consequence: "after the next boot two hosts answer for the address",
          fix: {
            advice: file.includes("cloud-init")
              ? `remove it there, and write \`network: {config: disabled}\` into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg so that cloud-init does not put it back`
              : "remove it there; the agent binds the address where it is needed",
            commands: [],
          },
        })),
      );
      return answer(found, "netplan, ifupdown, networkd, ifcfg and NetworkManager name none");
    },
  },
];

const PLACES = [
  "/etc/netplan",
  "/etc/network/interfaces",
  "/etc/network/interfaces.d",
  "/etc/systemd/network",
  "/run/systemd/network",
  "/etc/sysconfig/network-scripts",
  "/etc/NetworkManager/system-connections",
];
