import type { HookName, HooksConfig } from "../../config/hooks-config.ts";
import type { ProgramConfig } from "../../config/program.ts";

/** The states that keepalived tells scripts. */
export type HookState = "MASTER" | "BACKUP" | "FAULT" | "STOP" | "DELETED";

/** What scripts are told of an instance. */
export type Happening = {
  readonly instance: string;
  /** The effective priority. */
  readonly priority: number;
} & (
  | { readonly kind: "state"; readonly state: HookState }
  /** As MASTER: somebody of lower rank advertises too. */
  | { readonly kind: "lower-priority-heard" }
);

/** What to run for a happening, in keepalived's order: the script of the kind, then the general one with its arguments. */
export function programsFor(
  happening: Happening,
  { programs }: Pick<HooksConfig, "programs">,
): readonly { readonly hook: HookName; readonly program: ProgramConfig }[] {
  if (happening.kind === "lower-priority-heard") return one("notify_master_rx_lower_pri", programs);
  const { instance, state, priority } = happening;
  const general = one("notify", programs).map(({ hook, program }) => ({
    hook,
    program: withArguments(program, ["INSTANCE", instance, state, String(priority)]),
  }));
  return [...one(HOOK_OF_STATE[state], programs), ...general];
}

/** The line of keepalived's `notify_fifo`. */
export function fifoLine(happening: Happening): string {
  const word = happening.kind === "state" ? happening.state : "MASTER_RX_LOWER_PRI";
  return `INSTANCE "${happening.instance}" ${word} ${happening.priority}\n`;
}

const HOOK_OF_STATE: Readonly<Record<HookState, HookName>> = {
  MASTER: "notify_master",
  BACKUP: "notify_backup",
  FAULT: "notify_fault",
  STOP: "notify_stop",
  DELETED: "notify_deleted",
};

function one(hook: HookName, programs: HooksConfig["programs"]) {
  const program = programs[hook];
  return program ? [{ hook, program }] : [];
}

function withArguments(program: ProgramConfig, more: readonly string[]): ProgramConfig {
  const [path, ...args] = program.command;
  return { ...program, command: [path, ...args, ...more] };
}
