import type { Millis } from "../../base/units.ts";
import type { ProgramConfig } from "../../config/program.ts";
import type { Check, CheckPorts, Finding } from "../check.ts";

/** A program whose exit code 0 is a success; anything else, a signal and the timeout included, is a failure. */
export class ScriptCheck implements Check {
  readonly #program: ProgramConfig;
  readonly #timeout: Millis;
  readonly #runProgram: CheckPorts["runProgram"];
  #running = false;

  constructor(program: ProgramConfig, timeout: Millis, { runProgram }: Pick<CheckPorts, "runProgram">) {
    this.#program = program;
    this.#timeout = timeout;
    this.#runProgram = runProgram;
  }

  run(): Promise<Finding> | undefined {
    if (this.#running) return undefined;
    this.#running = true;
    const { outcome, ended } = this.#runProgram(this.#program, this.#timeout);
    void ended.then(() => {
      this.#running = false;
    });
    return outcome;
  }
}
