import type { HookName, HooksConfig } from "../../config/hooks-config.ts";
import type { ProgramConfig } from "../../config/program.ts";

/** The states that keepalived tells scripts. */
export type HookState = "MASTER" | "BACKUP" | "FAULT" | "STOP" | "DELETED";

/** What something happens to, in keepalived's words. */
export interface Hooked {
  readonly of: "INSTANCE" | "GROUP";
  readonly name: string;
}

/** What scripts are told of an instance, or of a sync group. */
export type Happening = Hooked & {
  /** The effective priority; 0 for a group. */
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
  const { of, name, state, priority } = happening;
  const general = one("notify", programs).map(({ hook, program }) => ({
    hook,
    program: withArguments(program, [of, name, state, String(priority)]),
  }));
  return [...one(HOOK_OF_STATE[state], programs), ...general];
}

/** Tells apart what may have the same name. */
export function keyOf({ of, name }: Hooked): string {
  return `${of} ${name}`;
}

/** The line of keepalived's `notify_fifo`. */
export function fifoLine(happening: Happening): string {
  const word = happening.kind === "state" ? happening.state : "MASTER_RX_LOWER_PRI";
  return `${happening.of} "${happening.name}" ${word} ${happening.priority}\n`;
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
