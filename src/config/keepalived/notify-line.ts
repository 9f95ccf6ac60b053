import { type ProgramDraft, readProgram } from "./program-line.ts";
import type { Scope, Setting } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** The notify scripts by their keyword. */
export type ScriptDrafts = Map<string, Setting<ProgramDraft>>;

/** keepalived uses the first script of each kind. */
export function readNotify(
  statement: Statement,
  { scripts }: { readonly scripts: ScriptDrafts },
  scope: Scope,
): void {
  const [keyword = ""] = statement.words;
  if (!scripts.has(keyword)) {
    scripts.set(keyword, { value: readProgram(statement), at: statement.at });
    return;
  }
  scope.log.warn(statement.at, {
    path: [...scope.path, keyword],
    message: `there is a ${keyword} already: keepalived uses the first, and so does cloudvip`,
    fix: "keep one of the lines",
  });
}
