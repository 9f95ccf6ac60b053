import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labName } from "./leftovers.ts";
import { processTree } from "./proc.ts";
import { waitFor } from "./wait-for.ts";

/** Where each version of control groups has its freezer, and in which words. Version 2 may lie beside version 1. */
const KINDS = [
  { root: "/sys/fs/cgroup", mark: "cgroup.controllers", file: "cgroup.freeze", words: ["1", "0"] },
  { root: "/sys/fs/cgroup/unified", mark: "cgroup.procs", file: "cgroup.freeze", words: ["1", "0"] },
  {
    root: "/sys/fs/cgroup/freezer",
    mark: "cgroup.procs",
    file: "freezer.state",
    words: ["FROZEN", "THAWED"],
  },
] as const;

/** The freezer of this machine; undefined where there is none. */
export function freezerKind(): (typeof KINDS)[number] | undefined {
  return KINDS.find(({ root, mark }) => existsSync(join(root, mark)));
}

/** A control group that stops all of a program at once, as a hypervisor or a container's engine does: no signal, no trace. */
export class Freezer {
  readonly #directory: string;
  readonly #kind: (typeof KINDS)[number];

  constructor(name: string) {
    const kind = freezerKind();
    if (!kind) throw new Error("this machine has no control group that freezes");
    this.#kind = kind;
    this.#directory = join(kind.root, labName(0, name));
    mkdirSync(this.#directory);
  }

  /** Takes in the process and its descendants. */
  take(pid: number): void {
    for (const process of processTree(pid)) this.#write("cgroup.procs", String(process));
  }

  freeze(): void {
    this.#write(this.#kind.file, this.#kind.words[0]);
  }

  thaw(): void {
    this.#write(this.#kind.file, this.#kind.words[1]);
  }

  /** When everything inside has ended. */
  async remove(): Promise<void> {
    this.thaw();
    const left = () => readFileSync(join(this.#directory, "cgroup.procs"), "utf8");
    await waitFor(() => left() === "", { what: "the frozen programs to be gone", seen: left });
    rmdirSync(this.#directory);
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#directory, file), text);
  }
}
