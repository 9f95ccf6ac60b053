import type { Config } from "../config/config.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { AgentSnapshot } from "../status/snapshot.ts";
import type { Finding, Severity } from "./finding.ts";
import type { DoctorHost } from "./host.ts";

/** One question that doctor asks. Codes are public: scripts match them, and `doctor explain` tells about them. */
export interface Check {
  /** Stable, such as `host/firewall-drops-vrrp`. */
  readonly code: string;
  /** What is fine when nothing is found, in a few words. */
  readonly title: string;
  /** Of its findings. */
  readonly severity: Severity;
  /** The background: why it matters, and what is usually behind it. */
  readonly why: string;
  /** Milliseconds; {@link DEADLINE_MS} unless the check needs longer. */
  readonly deadlineMs?: number;
  /** It measures time, so it runs when the others are done, except those that are patient. */
  readonly isQuiet?: boolean;
  /** It mostly waits, for packets or for answers, and disturbs no measurement. */
  readonly isPatient?: boolean;
  run(context: DoctorContext): Answer | Promise<Answer>;
}

export const DEADLINE_MS = 10_000;

/** Its socket is for its own user and for root. */
export const ONLY_ROOT_ASKS_THE_AGENT = "only root may ask the agent";

/** What a check is given. */
export interface DoctorContext {
  readonly configFile: string;
  readonly config: Config;
  /** The warnings that reading the file gave. */
  readonly problems: readonly ConfigProblem[];
  /** The agent that runs on this host with this configuration, if one does. */
  readonly agent: { readonly pid: number; readonly status?: AgentSnapshot } | undefined;
  readonly host: DoctorHost;
}

/** What a check finds; its code and, where it says no other, its severity are added by the runner. */
export type Discovery = Omit<Finding, "code" | "severity"> & { readonly severity?: Severity };

export type Answer =
  /** `note` says what was looked at, in a few words; `details` are further lines that are worth reading. */
  | { readonly kind: "fine"; readonly note: string; readonly details?: readonly string[] }
  | { readonly kind: "found"; readonly discoveries: readonly Discovery[] }
  /** It could not look, for want of privileges or of a tool. */
  | { readonly kind: "unseen"; readonly why: string }
  /** The question does not arise in this configuration; nothing is reported. */
  | { readonly kind: "idle" };

export function fine(note: string, details: readonly string[] = []): Answer {
  return { kind: "fine", note, details };
}

export function unseen(why: string): Answer {
  return { kind: "unseen", why };
}

/** Fine with a note when nothing was discovered. */
export function answer(discoveries: readonly Discovery[], note: string): Answer {
  return discoveries.length > 0 ? { kind: "found", discoveries } : fine(note);
}
