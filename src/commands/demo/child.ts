import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { OperatorError } from "../../base/errors.ts";
import { TOOL_ENVIRONMENT } from "./tool.ts";

/** What is kept of a program's output, to show when it ends too soon. */
const EVIDENCE_LINES = 5;

/** What the environment says of a real cloud is nothing for the demo's agents. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(TOOL_ENVIRONMENT).filter(([name]) => !name.startsWith("AWS_")),
);

/** A program of the demo that runs until it is told to stop. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #evidence: string[] = [];
  #stopping = false;

  constructor(
    name: string,
    command: readonly string[],
    events: {
      readonly onLine: (line: string) => void;
      /** It ended without having been told to. */
      readonly onFailure: (error: OperatorError) => void;
    },
  ) {
    const [file = "", ...args] = command;
    this.#name = name;
    this.#process = spawn(file, args, {
      env: ENVIRONMENT,
      stdio: ["pipe", "pipe", "pipe"],
      // In a session of its own: Ctrl-C is for the demo, which ends what it started in good order.
      detached: true,
    });
    // One that has just ended reads no more; its end tells the story.
    this.#process.stdin?.on("error", () => {});
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#keep(line));
    }
    if (this.#process.stdout) createInterface({ input: this.#process.stdout }).on("line", events.onLine);
    this.#ended = new Promise((resolve) => {
      const end = () => {
        if (!this.#stopping) events.onFailure(this.#failure());
        this.#stopping = true;
        resolve();
      };
      this.#process.once("error", (error) => {
        this.#keep(error.message);
        end();
      });
      this.#process.once("close", end);
    });
  }

  /** Tells it to stop, as a service manager would. */
  stop(): void {
    this.#stopping = true;
    this.#process.kill("SIGTERM");
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true;
    this.#process.kill("SIGKILL");
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    return this.#ended;
  }

  #keep(line: string): void {
    this.#evidence.push(line);
    if (this.#evidence.length > EVIDENCE_LINES) this.#evidence.shift();
  }

  #failure(): OperatorError {
    return new OperatorError({
      code: "demo/child-ended",
      message: `${this.#name} ended before its time. Its last words:\n  ${this.#evidence.join("\n  ")}`,
      hint: "`cloudvip demo --simulated` plays the same without packets.",
    });
  }
}
