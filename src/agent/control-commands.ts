import { OperatorError } from "../base/errors.ts";
import type { Command } from "../status/server.ts";
import { stateName } from "../vrrp/state.ts";
import type { Instance } from "./instance.ts";

/**
 * What the control socket takes beside `status`: planned failover and maintenance, of one `instance` or of all. The answer
 * names the instances concerned and comes at once; how it ends is seen in `status`.
 */
export function controlCommands(instances: () => readonly Instance[]): Readonly<Record<string, Command>> {
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
      for (const one of concerned) one.endMaintenance();
      return namesOf(concerned);
    },
  };
}

function chosen(instances: readonly Instance[], name: unknown): readonly Instance[] {
  if (name === undefined) return instances;
  const found = instances.filter(({ config }) => config.name === name);
  if (found.length > 0) return found;
  throw new OperatorError({
    code: "agent/unknown-instance",
    message: `there is no instance ${String(name)}`,
    hint: `write one of ${namesOf(instances).join(", ")}`,
  });
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
