import type { Setting } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** A program as keepalived's directives name one, with the user that runs it. */
export interface ProgramDraft {
  readonly script: string;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** `notify "CMD ARGS" [USER [GROUP]]`: arguments need the quotes, or they are taken for a user. */
export function readProgram({ text }: Statement): ProgramDraft {
  const behindKeyword = text.trim().replace(/^\S+\s*/, "");
  const quoted = QUOTED.exec(behindKeyword);
  if (!quoted) {
    const [script = "", user, group] = behindKeyword.split(/\s+/);
    return { script, user, group };
  }
  const [whole, , inside = ""] = quoted;
  const [user, group] = behindKeyword.slice(whole.length).trim().split(/\s+/);
  return { script: inside.replaceAll(/\\(["'])/g, "$1"), user: user || undefined, group };
}

/** Unlike other values, a command may hold quotes of its own behind a backslash. */
const QUOTED = /^(["'])((?:\\.|(?!\1).)*)\1/s;

/** A program in the YAML form; `script_user` runs those that name no user of their own. */
export function programDocument(
  { script, user, group }: ProgramDraft,
  scriptUser: Setting<Pick<ProgramDraft, "user" | "group">> | undefined,
): string | Readonly<Record<string, string>> {
  const runner = user === undefined ? scriptUser?.value : { user, group };
  if (runner?.user === undefined) return script;
  return { script, user: runner.user, ...(runner.group === undefined ? {} : { group: runner.group }) };
}
