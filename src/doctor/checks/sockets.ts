import { OperatorError } from "../../base/errors.ts";
import {
  type Answer,
  answer,
  type Check,
  type DoctorContext,
  fine,
  ONLY_ROOT_ASKS_THE_AGENT,
  unseen,
} from "../check.ts";

/** Whether an agent gets from the kernel what it needs. */
export const SOCKET_CHECKS: readonly Check[] = [
  {
    code: "host/agent-lacks-capability",
    title: "an agent has its capabilities here",
    severity: "failure",
    why: "The agent needs CAP_NET_RAW for VRRP and gratuitous ARP and CAP_NET_ADMIN to bind addresses. In containers NET_ADMIN alone is a common mistake: adverts then fail with EPERM. While no agent runs, doctor looks at its own, which an agent started in the same place would have.",
    run: ({ agent, host }) => {
      if (!agent && !host.isRoot) return unseen(ONLY_ROOT_ASKS_THE_AGENT);
      const status = `/proc/${agent?.pid ?? "thread-self"}/status`;
      const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(host.readText(status) ?? "")?.[1];
      if (effective === undefined) return unseen(`${status} cannot be read`);
      const held = BigInt(`0x${effective}`);
      const missing = CAPABILITIES.filter(({ bit }) => ((held >> bit) & 1n) === 0n);
      const who = agent ? "the running agent" : "root in this place";
      return answer(
        missing.map(({ name }) => missingCapability(name, who)),
        CAPABILITIES.map(({ name }) => name).join(" and "),
      );
    },
  },
  {
    code: "host/vrrp-socket-refused",
    title: "the kernel opens a raw socket for protocol 112",
    severity: "failure",
    why: "Without it nothing is sent and nothing is heard. The kernel refuses it without CAP_NET_RAW, and systemd's RestrictAddressFamilies= or a container's seccomp profile may.",
    run: ({ host }) => tryToOpen(host, () => host.tryVrrpSocket()),
  },
  {
    code: "host/packet-socket-refused",
    title: "the kernel opens a packet socket for gratuitous ARP",
    severity: "failure",
    why: "Gratuitous ARP tells the neighbours, and in some clouds the network, where the address is now. It needs an AF_PACKET socket, which is refused without CAP_NET_RAW and where RestrictAddressFamilies= does not name AF_PACKET.",
    run: ({ host }) => tryToOpen(host, () => host.tryPacketSocket()),
  },
];

/** Bit numbers of linux/capability.h. */
const CAPABILITIES = [
  { name: "CAP_NET_ADMIN", bit: 12n },
  { name: "CAP_NET_RAW", bit: 13n },
] as const;

function missingCapability(name: string, who: string) {
  return {
    message: `${who} lacks ${name}`,
    evidence: [],
    consequence:
      name === "CAP_NET_RAW"
        ? "an agent sends no adverts"
        : "an agent cannot bind the address when it becomes MASTER",
    fix: {
      advice: `put \`AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN\` into the agent's unit, or give its container NET_RAW and NET_ADMIN, and restart it`,
      commands: [],
    },
  };
}

function tryToOpen({ isRoot }: DoctorContext["host"], open: () => void): Answer {
  try {
    open();
    return fine("opened and closed");
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // What doctor may not do says nothing about the agent, which is started otherwise.
    if (!isRoot) return unseen(`${error.message}; run doctor as root`);
    return answer(
      [
        {
          message: error.message,
          evidence: [error.code],
          consequence: "the agent cannot start",
          fix: { advice: error.hint, commands: [] },
        },
      ],
      "",
    );
  }
}
