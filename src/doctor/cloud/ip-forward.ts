import { answer, type Check } from "../check.ts";

/** Asked of the host, for a cloud: it takes part in moving the address there. */
export const IP_FORWARD_CHECK: Check = {
  code: "huaweicloud/ip-forward",
  title: "this node does not forward packets",
  severity: "warning",
  why: "Huawei Cloud asks for net.ipv4.ip_forward=0 on servers that share a virtual IP: while the VPC still sends the address's packets to a BACKUP, one that forwards sends them back, in circles. Routers, and hosts of containers, need it.",
  run: ({ config, host }) => {
    const concerned = config.instances.some(({ provider }) => provider?.name === "huaweicloud");
    if (!concerned) return { kind: "idle" };
    const forwards = host.readText("/proc/sys/net/ipv4/ip_forward")?.trim() === "1";
    const discovery = {
      message: "net.ipv4.ip_forward is 1",
      evidence: ["/proc/sys/net/ipv4/ip_forward: 1"],
      consequence: "while this node is BACKUP it may send packets for the virtual address in circles",
      fix: {
        advice: "switch it off, unless this node is a router or runs containers",
        commands: [["sysctl", "-w", "net.ipv4.ip_forward=0"]],
        lasting: "the same in /etc/sysctl.d/60-cloudvip.conf",
      },
    };
    return answer(forwards ? [discovery] : [], "net.ipv4.ip_forward is 0");
  },
};
