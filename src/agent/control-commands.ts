import { OperatorError } from "../base/errors.ts";
import type { Command } from "../status/server.ts";
import { stateName } from "../vrrp/state.ts";
import type { Instance } from "./instance.ts";

/** The agent, as far as commands concern it. */
export interface Commanded {
  readonly instances: readonly Instance[];
  /** What ends the hold of one that flapped. */
  readonly flaps: { readonly release: (instance: Instance) => void };
}

/**
 * What the control socket takes beside `status`: planned failover and maintenance, of one `instance` (with its sync group) or of all. The answer
 * names the instances concerned and comes at once; how it ends is seen in `status`.
 */
export function controlCommands(agent: () => Commanded | undefined): Readonly<Record<string, Command>> {
  const instances = () => agent()?.instances ?? [];
  return {
    handover: ({ instance }) => {
      const masters = chosen(instances(), instance).filter(
        ({ router }) => stateName(router.state) === "MASTER",
      );
      if (masters.length === 0) throw notMaster();
      for (const master of masters) void master.handOver("BACKUP");
      return namesOf(masters);
    },
    "maintenance-on": ({ instance }) => {
      const concerned = chosen(instances(), instance);
      for (const one of concerned) void one.handOver("FAULT");
      return namesOf(concerned);
    },
    "maintenance-off": ({ instance }) => {
      const concerned = chosen(instances(), instance);
      for (const one of concerned) {
        one.endMaintenance();
        agent()?.flaps.release(one);
      }
      return namesOf(concerned);
    },
  };
}

function chosen(instances: readonly Instance[], name: unknown): readonly Instance[] {
  if (name === undefined) return instances;
  const found = instances.filter(({ config }) => config.name === name || config.syncGroup === name);
  if (found.length > 0) return withSiblings(found, instances);
  throw new OperatorError({
    code: "agent/unknown-instance",
    message: `there is no instance ${String(name)}`,
    hint: `write one of ${namesOf(instances).join(", ")}`,
  });
}

/** A sync group moves as a whole. */
function withSiblings(found: readonly Instance[], instances: readonly Instance[]): readonly Instance[] {
  const groups = new Set(found.map(({ config }) => config.syncGroup));
  return instances.filter(
    (instance) =>
      found.includes(instance) ||
      (instance.config.syncGroup !== undefined && groups.has(instance.config.syncGroup)),
  );
}

function notMaster(): OperatorError {
  return new OperatorError({
    code: "agent/not-master",
    message: "this node is not MASTER, so there is nothing to hand over",
    hint: "ask the node that cloudvip status names as master",
  });
}

function namesOf(instances: readonly Instance[]): readonly string[] {
  return instances.map(({ config }) => config.name);
}
