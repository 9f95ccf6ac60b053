import type { Reason } from "./rule.ts";

/** Why whole families of directives have no counterpart, said once. */

export const OWN_SCRIPTS: Reason = {
  why: "cloudvip runs no scripts at its own start and end",
  fix: "use ExecStartPre= and ExecStopPost= of its systemd unit",
};

export const NO_FIFO_SCRIPT: Reason = {
  why: "cloudvip does not start the program that reads a pipe",
  fix: "start it as a service of its own",
};

export const NO_PRIORITY_CHANGES: Reason = {
  why: "cloudvip writes changes of the priority to its log, and tells no script",
  fix: "follow cloudvip's log, which is JSON",
};

export const NO_ROUTES: Reason = {
  why: "cloudvip manages virtual addresses, but no routes, rules or other addresses",
  fix: "set them up with the host's network configuration",
};

export const NO_BALANCER: Reason = {
  why: "cloudvip is no load balancer",
  fix: "leave the block to keepalived, in a file without vrrp_instance, or to another balancer",
};

export const NO_BFD: Reason = {
  why: "cloudvip speaks no BFD",
  fix: "use version 3 with an advert_int below a second for a fast failover",
};

export const NO_MULTICAST: Reason = {
  why: "cloudvip sends unicast only, because clouds drop multicast",
  fix: "remove it",
};

export const NO_IPV6: Reason = { why: "cloudvip has IPv4 instances only", fix: "remove it" };

export const NO_FIREWALL: Reason = {
  why: "cloudvip changes no firewall rules",
  fix: "write the rules into the host's firewall",
};

export const NO_SNMP: Reason = {
  why: "cloudvip has no SNMP and no D-Bus interface",
  fix: "use `cloudvip status --json`",
};

/** For tuning of keepalived's own processes. */
export const SYSTEMD: Reason = {
  why: "it concerns the processes of keepalived",
  fix: "use the options of cloudvip's systemd unit instead, such as Nice=, CPUAffinity= or NetworkNamespacePath=",
};

/** For switches of keepalived's inside that have no counterpart and need none. */
export const INTERNAL: Reason = { why: "it concerns keepalived's own workings", fix: "remove it" };

export const NO_ARP_EXTRA: Reason = {
  why: "cloudvip announces addresses on the interfaces that hold them, at one rate",
  fix: "use garp_master_refresh and garp_interval",
};

export const NO_LINK_TUNING: Reason = {
  why: "cloudvip learns of link changes from the kernel, at once",
  fix: "remove it",
};

export const UNKNOWN_MAC: Reason = {
  why: "clouds drop frames whose MAC address is not the network interface's own",
  fix: "remove it on every node: the address then moves by gratuitous ARP or through the cloud's API",
};

export const STRICT_MODE: Reason = {
  why: "strict mode forbids unicast, which is all that works in a cloud; keepalived does not start with both",
  fix: "remove it, or switch it off, on every node",
};

export const NO_HMAC: Reason = {
  why: "cloudvip cannot sign adverts, so the peers would refuse them and two nodes would be MASTER",
  fix: "remove auth_hmac on every node first; the peer list and the cloud's firewall rules keep others out",
};
