import * as z from "zod";
import type { AcceptRules } from "./hooks-config.ts";
import { type Reading, readText } from "./option.ts";
import { program } from "./schema-program.ts";

/** keepalived's scripts of an instance. */
const scriptShape = {
  notify: hook(
    "A script for every change of state: it gets INSTANCE, the name, MASTER, BACKUP, FAULT, STOP or DELETED, and the priority, behind its own arguments.",
  ),
  notify_master: hook("A script for becoming MASTER; it gets its own arguments only."),
  notify_backup: hook("A script for becoming BACKUP."),
  notify_fault: hook("A script for going to FAULT."),
  notify_stop: hook("A script for the end of the agent."),
  notify_deleted: hook("A script for an instance that a reload removes."),
  notify_master_rx_lower_pri: hook("A script for a MASTER that hears a lower priority advertise."),
};

/** keepalived's scripts of a sync group. */
export const groupHooksShape = {
  notify: hook(
    "A script for every change of the group's state, after those of its instances: it gets GROUP, the name, MASTER, BACKUP, FAULT or STOP, and 0, behind its own arguments.",
  ),
  notify_master: hook("A script for a group that becomes MASTER; it gets its own arguments only."),
  notify_backup: hook("A script for a group that becomes BACKUP."),
  notify_fault: hook("A script for a group that goes to FAULT."),
  notify_stop: hook("A script for the end of the agent."),
};

/** The hooks of an instance. */
export const hooksShape = {
  ...scriptShape,
  on_master: stateActions("MASTER"),
  on_backup: stateActions("BACKUP"),
};

function hook(description: string) {
  return program({
    description,
    why: "The scripts of an instance run one after another, and what is overtaken by a newer state does not run.",
    defaultText: "none",
    example: "/etc/cloudvip/notify.sh",
  }).optional();
}

function stateActions(state: "MASTER" | "BACKUP") {
  return z
    .strictObject({
      sysctl: z
        .record(
          z.string().regex(/^[\w-]+([./][\w.-]+)+$/),
          z.union([z.string().regex(/^[^\p{C}]{1,200}$/u), z.number()]).transform(String),
        )
        .meta({
          description: `Kernel settings while ${state}; the values from before come back after it.`,
          why: "For what only the holder of the addresses should do, such as answering ARP for them.",
          defaultText: "none",
          expects: "a map of settings, such as { net.ipv4.conf.all.arp_ignore: 1 }",
          example: { "net.ipv4.conf.all.arp_ignore": 1 },
        })
        .optional(),
      units: z
        .array(z.string().regex(/^[\w@.:-]{1,200}$/))
        .meta({
          description: `systemd units that run only while ${state}.`,
          why: "For a service that must never run on two nodes.",
          defaultText: "none",
          expects: "a list of unit names",
          example: ["openvpn.service"],
        })
        .optional(),
      accept: readText("iptables CHAIN, or nft FAMILY TABLE CHAIN", readAccept, {
        description: `Firewall rules that let in VRRP and everything for the virtual addresses while ${state}.`,
        why: "They go to the top of the chain; rules that are not cloudvip's own are left alone.",
        defaultText: "none",
        example: "iptables INPUT",
      }).optional(),
    })
    .meta({
      description: `What is done while this node is ${state}, and undone when it no longer is.`,
      why: "What people write scripts for most.",
      defaultText: "none",
      expects: "a map such as { units: [openvpn.service] }",
    })
    .optional();
}

function readAccept(text: string): Reading<AcceptRules> {
  const [tool, ...words] = text.split(/\s+/);
  if (words.every((word) => /^[\w.-]{1,64}$/.test(word) && !word.startsWith("-"))) {
    const [first = "", table = "", chain = ""] = words;
    if (tool === "iptables" && words.length === 1)
      return { ok: true, value: { kind: "iptables", chain: first } };
    if (tool === "nft" && words.length === 3 && /^(inet|ip)$/.test(first)) {
      return { ok: true, value: { kind: "nft", family: first, table, chain } };
    }
  }
  return {
    ok: false,
    message: `${JSON.stringify(text.slice(0, 60))} names no chain`,
    fix: 'write "iptables INPUT", or "nft inet filter input" with your table and chain',
  };
}
