import { type Millis, toSeconds } from "../base/units.ts";
import { formatDuration } from "./duration.ts";
import { configError, configWarning, type Mistake } from "./mistake.ts";
import { OWNER_PRIORITY, V3_INTERVAL_MAX_SECONDS } from "./schema-instance.ts";
import type { InstanceSketch } from "./sketch.ts";

const V3_INTERVAL_STEP_MILLIS = 10;

type Rule = (instance: InstanceSketch) => readonly Mistake[];

const RULES: readonly Rule[] = [
  advertInterval,
  authentication,
  owner,
  preemption,
  learnedInterval,
  checksum,
  peerTtl,
  addresses,
  provider,
];

/** What is wrong inside one instance; the paths are relative to it. */
export function instanceMistakes(instance: InstanceSketch): readonly Mistake[] {
  return RULES.flatMap((rule) => rule(instance));
}

function advertInterval({ version, advert_int: interval }: InstanceSketch): readonly Mistake[] {
  if (version === undefined || interval === undefined) return [];
  const shown = formatDuration(interval);
  if (version === 2 && (!Number.isInteger(toSeconds(interval)) || interval < 1000)) {
    const message = `${shown} is no whole number of seconds, and VRRP version 2 carries nothing else`;
    return [configError(["advert_int"], message, "write 1 to 255, or version: 3 on every node")];
  }
  if (version === 3 && toSeconds(interval) > V3_INTERVAL_MAX_SECONDS) {
    const message = `${shown} is above ${V3_INTERVAL_MAX_SECONDS} s, the longest that VRRP version 3 carries`;
    return [configError(["advert_int"], message, `write seconds from 0.01 to ${V3_INTERVAL_MAX_SECONDS}`)];
  }
  if (version === 3 && interval % V3_INTERVAL_STEP_MILLIS !== 0) {
    const message = `${shown} is no multiple of 10 ms, and VRRP version 3 carries nothing finer`;
    return [configError(["advert_int"], message, `write ${nearestStep(interval)}`)];
  }
  return [];
}

function nearestStep(interval: Millis): string {
  const steps = Math.max(1, Math.round(interval / V3_INTERVAL_STEP_MILLIS));
  return `"${steps * V3_INTERVAL_STEP_MILLIS}ms"`;
}

function authentication({ version, authentication: given }: InstanceSketch): readonly Mistake[] {
  if (!given) return [];
  const mistakes: Mistake[] = [];
  if (version === 3) {
    const fix = "remove it, or write version: 2 on every node";
    mistakes.push(configError(["authentication"], "VRRP version 3 has no authentication", fix, "key"));
  }
  const sources = (["auth_pass", "auth_pass_file", "auth_pass_env"] as const).filter(
    (name) => given[name] !== undefined,
  );
  if (sources.length === 1) return mistakes;
  const message =
    sources.length === 0 ? "there is no password" : `${sources.join(" and ")} exclude each other`;
  return [
    ...mistakes,
    configError(
      ["authentication"],
      message,
      "write one of auth_pass, auth_pass_file and auth_pass_env",
      "key",
    ),
  ];
}

function owner({ priority, preempt, preempt_delay: delay }: InstanceSketch): readonly Mistake[] {
  if (priority !== OWNER_PRIORITY) return [];
  const fix = "remove it, or write a priority from 1 to 254";
  const message = "has no effect with priority 255: the owner of the addresses always takes over at once";
  return [
    ...(preempt === false ? [configWarning(["preempt"], message, fix)] : []),
    ...(delay ? [configWarning(["preempt_delay"], message, fix)] : []),
  ];
}

function preemption({ priority, preempt, preempt_delay: delay }: InstanceSketch): readonly Mistake[] {
  if (preempt !== false || !delay || priority === OWNER_PRIORITY) return [];
  const message = "has no effect with preempt: false: a living MASTER is left in peace for ever";
  return [configWarning(["preempt_delay"], message, "remove it, or write preempt: true")];
}

function learnedInterval(instance: InstanceSketch): readonly Mistake[] {
  const { version, advert_int: interval, max_learned_interval: longest } = instance;
  if (longest === undefined) return [];
  const path = ["max_learned_interval"];
  if (version === 2)
    return [configWarning(path, "has no effect in version 2, which learns no interval", "remove it")];
  if (interval === undefined || longest >= interval) return [];
  const message = `${formatDuration(longest)} is below advert_int, so a MASTER with the same settings would be taken for dead`;
  return [configError(path, message, `write at least ${toSeconds(interval)}, or remove it`)];
}

function checksum({ version, checksum: given }: InstanceSketch): readonly Mistake[] {
  if (version !== 2 || !given || (given.send === "rfc5798" && given.accept === "either")) return [];
  return [
    configWarning(
      ["checksum"],
      "has no effect in version 2, which has one checksum only",
      "remove it",
      "key",
    ),
  ];
}

function peerTtl({ unicast_peer: peers }: InstanceSketch): readonly Mistake[] {
  return (peers ?? []).flatMap((peer, index) => {
    if (peer?.min_ttl === undefined || peer.max_ttl === undefined || peer.min_ttl <= peer.max_ttl) return [];
    const message = `${peer.min_ttl} is above max_ttl ${peer.max_ttl}, so every advert of this peer would be refused`;
    return [configError(["unicast_peer", index, "min_ttl"], message, `write at most ${peer.max_ttl}`)];
  });
}

function addresses({
  virtual_ipaddress: listed,
  no_virtual_ipaddress: none,
}: InstanceSketch): readonly Mistake[] {
  if (listed === undefined || none === undefined) return [];
  if (listed.length === 0 && !none) {
    const fix =
      "write a list such as virtual_ipaddress: [10.0.0.10/32], or no_virtual_ipaddress: true to run without";
    return [configError(["virtual_ipaddress"], "there is no virtual address", fix, "key")];
  }
  if (listed.length > 0 && none) {
    return [
      configError(
        ["no_virtual_ipaddress"],
        "there are virtual addresses in virtual_ipaddress",
        "remove it, or the list",
      ),
    ];
  }
  return [];
}

/** A cloud that is told of no address does nothing, without a word. */
function provider(instance: InstanceSketch): readonly Mistake[] {
  const { provider: given, virtual_ipaddress: listed, virtual_ipaddress_excluded: excluded } = instance;
  if (!given || listed?.length !== 0 || excluded?.length !== 0) return [];
  const fix = "write virtual_ipaddress, or remove the provider";
  return [configError(["provider"], "there is no virtual address that it could move", fix, "key")];
}
