import type { Position, ProblemLog } from "./source.ts";

/** `@ID rest` and `@^ID rest`: lines that only one node reads, or all but one. */
export class Conditions {
  readonly #configId: string;
  /** The ids of `@ID` lines that were left out, with the first place of each. */
  readonly #others = new Map<string, Position>();
  #matched = false;

  constructor(configId: string) {
    this.#configId = configId;
  }

  /** The part of the line that holds for this node: the line itself without a condition, empty when it is for others. */
  apply(line: string, at: Position): string {
    if (!line.startsWith("@")) return line;
    const match = /^@(\^?)([^ \t]*)[ \t]+(.*)$/s.exec(line);
    if (match === null) return "";
    const [, negated, id = "", rest = ""] = match;
    if (negated !== "") return id === this.#configId ? "" : rest;
    if (id === this.#configId) this.#matched = true;
    else if (!this.#others.has(id)) this.#others.set(id, at);
    return id === this.#configId ? rest : "";
  }

  /** Says so when every `@ID` line was for some other node: most likely the file is read on the wrong one. */
  remark(log: ProblemLog): void {
    const [first] = this.#others.values();
    if (first === undefined || this.#matched) return;
    log.warn(first, {
      value: [...this.#others.keys()].map((id) => `@${id}`).join(" "),
      message: `every line with a condition is for another node: this one's config id is "${this.#configId}"`,
      fix: "read the file on the node it is meant for; the config id is the host name up to its first dot",
    });
  }
}
