import type { Need } from "../../setup/requires.ts";
import type { ProofWorld } from "./world.ts";

/** One thing that is broken, seen, and mended. */
export interface Row {
  readonly code: string;
  /** Completes "… is found". */
  readonly what: string;
  readonly needs?: readonly Need[];
  /** What is not real here, and why; undefined where kernel, files and programs are. */
  readonly faked?: string;
  readonly break: (world: ProofWorld) => void | Promise<void>;
  /** `--fix` mends it, or a hand that follows what is printed. */
  readonly mend: "--fix" | ByHand;
}

export interface ByHand {
  /** What doctor advises must say this. */
  readonly advice: string;
  readonly follow: (world: ProofWorld) => void | Promise<void>;
}

/** Runs commands on the host, one a line. */
export function commands(...lines: readonly string[]): (world: ProofWorld) => void {
  return (world) => {
    for (const line of lines) world.run(line);
  };
}
