import { effective, type Finishing, put, warn } from "./finishing.ts";

/** keepalived takes `state MASTER` without a priority for the owner of the addresses. */
export function finishPriority(finishing: Finishing): number {
  const { priority, state } = finishing.draft.settings;
  if (priority !== undefined) {
    put(finishing, "priority", priority);
    if (state?.value === "MASTER" && priority.value < 255) {
      const text = "state MASTER has no further effect: the highest priority wins";
      finishing.builder.note([...finishing.scope.path, "priority"], text);
    }
    return priority.value;
  }
  if (state?.value !== "MASTER") return 100;
  const message =
    "state MASTER without priority: keepalived uses 255, the owner of the addresses, and so does cloudvip";
  warn(finishing, state, "priority", message, "write a priority from 1 to 254");
  put(finishing, "priority", { value: 255, at: state.at });
  return 255;
}

export function finishVersion(finishing: Finishing): number {
  const version = effective(finishing, "version");
  put(finishing, "version", version ?? { value: 2, at: finishing.draft.at });
  if (version !== undefined) return version.value;
  finishing.builder.note([...finishing.scope.path, "version"], "keepalived's default; cloudvip's own is 3");
  return 2;
}

/** The longest interval of version 3: twelve bits of centiseconds. */
const V3_INTERVAL_MAX_SECONDS = 40.95;

/** keepalived rounds: version 2 to whole seconds, version 3 to 10 ms. */
export function finishAdvertInterval(finishing: Finishing, version: number): void {
  const interval = finishing.draft.settings.advert_int;
  if (interval === undefined) return;
  const { value, at } = interval;
  const used =
    version === 2
      ? Math.max(1, Math.round(value))
      : Math.min(V3_INTERVAL_MAX_SECONDS, Math.max(1, Math.round(value * 100)) / 100);
  put(finishing, "advert_int", { value: used, at });
  if (used === value) return;
  const message = `VRRP version ${version} cannot carry ${value} s: keepalived uses ${used} s, and so does cloudvip`;
  const fix =
    version === 2
      ? "write whole seconds, or version 3 on every node"
      : "write 0.01 to 40.95 in steps of 0.01";
  warn(finishing, interval, "advert_int", message, fix);
}

/** keepalived drops `nopreempt` and `preempt_delay` where they contradict the wish to be MASTER, or each other. */
export function finishPreemption(finishing: Finishing, priority: number): void {
  const { preempt, preempt_delay: delay, state } = finishing.draft.settings;
  const wishesMaster =
    state?.value === "MASTER" ? "state MASTER" : priority === 255 ? "priority 255" : undefined;
  const nopreempt = preempt?.value === false && wishesMaster === undefined;
  if (preempt?.value === false && wishesMaster !== undefined) {
    const message = `nopreempt has no effect with ${wishesMaster}: keepalived preempts, and so does cloudvip`;
    warn(
      finishing,
      preempt,
      "preempt",
      message,
      "write state BACKUP on every node, with priorities below 255",
    );
  } else if (preempt !== undefined) put(finishing, "preempt", preempt);
  if (delay === undefined || delay.value === 0) return;
  const reason = nopreempt ? "nopreempt" : wishesMaster;
  if (reason === undefined) {
    put(finishing, "preempt_delay", delay);
    return;
  }
  const message = `preempt_delay has no effect with ${reason}: keepalived uses 0, and so does cloudvip`;
  warn(finishing, delay, "preempt_delay", message, `remove preempt_delay or ${reason}`);
}
