import type { InstanceConfig } from "../../config/config.ts";
import { answer, type Check, type Discovery } from "../check.ts";
import type { DoctorHost, ProcessView } from "../host.ts";
import { filesNaming, mentions } from "../mentions.ts";
import { virtualAddressesOf } from "../virtual-addresses.ts";

/** Other programs that move an address. */
export const FAILOVER_PROGRAM_CHECKS: readonly Check[] = [
  {
    code: "host/other-failover-program",
    title: "no other failover program runs",
    severity: "warning",
    why: "Two programs that move one address undo each other's work. keepalived and cloudvip may elect together on different hosts, but never on one.",
    run: ({ config, host }) => {
      const found = PROGRAMS.flatMap((program) => {
        const processes = host.processes().filter(({ name }) => name === program.processName);
        return processes.length === 0 ? [] : [discover(program, { processes, host, config })];
      });
      return answer(found, `none of ${PROGRAMS.map(({ processName }) => processName).join(", ")}`);
    },
  },
];

interface FailoverProgram {
  readonly processName: string;
  /** What systemd knows it as; undefined where something else starts it. */
  readonly unit: string | undefined;
  /** Files and directories that may name the addresses. */
  readonly places: readonly string[];
}

const PROGRAMS: readonly FailoverProgram[] = [
  { processName: "keepalived", unit: "keepalived", places: ["/etc/keepalived", "/etc/keepalived/conf.d"] },
  { processName: "ucarp", unit: undefined, places: ["/etc/network/interfaces", "/etc/ucarp"] },
  { processName: "pacemakerd", unit: "pacemaker", places: ["/var/lib/pacemaker/cib/cib.xml"] },
  { processName: "heartbeat", unit: "heartbeat", places: ["/etc/ha.d/haresources"] },
  { processName: "vrrpd", unit: undefined, places: ["/etc/frr/frr.conf"] },
  { processName: "kube-vip", unit: undefined, places: ["/etc/kubernetes/manifests"] },
  { processName: "vip-manager", unit: "vip-manager", places: ["/etc/default/vip-manager.yml"] },
];

interface Surroundings {
  readonly processes: readonly ProcessView[];
  readonly host: DoctorHost;
  readonly config: { readonly instances: readonly InstanceConfig[] };
}

function discover(program: FailoverProgram, { processes, host, config }: Surroundings): Discovery {
  const { processName, unit, places } = program;
  const lines = processes.map(({ commandLine }) => commandLine.join(" "));
  // Such as the file behind keepalived's option -f.
  const given = processes.flatMap(({ commandLine: [, ...args] }) =>
    args.filter((word) => word.startsWith("/")),
  );
  const named = config.instances.flatMap(virtualAddressesOf).flatMap((entry) => {
    const inLines = lines.filter((line) => mentions(line, entry.address));
    const inFiles = filesNaming(entry, [...places, ...given], host);
    return [...inLines, ...inFiles].map((where) => `${where} names ${entry.address}`);
  });
  const shares = named.length > 0;
  return {
    severity: shares ? "failure" : "warning",
    message: shares
      ? `${processName} runs on this host with an address of ours`
      : `${processName} runs on this host`,
    evidence: shares
      ? named
      : processes.map(({ pid, commandLine }) => `pid ${pid}: ${commandLine.join(" ")}`),
    consequence: shares
      ? "both programs bind and remove the address, each against the other"
      : "if it manages the same address, both programs add and remove it",
    fix: {
      advice:
        unit === undefined
          ? "stop it, and what starts it"
          : "stop it, or make sure that it has none of these addresses",
      commands: shares && unit !== undefined ? [["systemctl", "disable", "--now", unit]] : [],
    },
  };
}
