import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { messageOf } from "../base/errors.ts";
import { type SettledMemory, settleMemory } from "../linux/memory.ts";
import { type Preference, preferThisThread } from "../linux/scheduling.ts";
import type { AgentSnapshot } from "../status/snapshot.ts";

/** By then the first election is over, and a cloud's SDK is loaded where there is one. */
const SETTLE_AFTER_MS = 3_000;

/** What the kernel grants this process so that its elections are on time: priority, and code that stays in memory. */
export class Granted {
  readonly #log: Logger;
  readonly #ended = new AbortController();
  #scheduling: Preference | undefined;
  #memory: SettledMemory["lock"] | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** For the thread that calls. */
  prefer(): Preference {
    this.#scheduling = preferThisThread();
    return this.#scheduling;
  }

  /** A while after the start, and says what it got. */
  async settleMemory(): Promise<void> {
    try {
      await wait(SETTLE_AFTER_MS, undefined, { ref: false, signal: this.#ended.signal });
      this.#tell(await settleMemory());
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#log.warn({ event: "memory-unknown" }, `memory stays as it is: ${messageOf(error)}`);
    }
  }

  snapshot(): AgentSnapshot["granted"] {
    const { policy, nice } = this.#scheduling ?? {};
    if (policy === undefined || nice === undefined) return null;
    return { policy, nice, memoryLock: this.#memory ?? null };
  }

  close(): void {
    this.#ended.abort();
  }

  #tell({ releasedBytes, lock }: SettledMemory): void {
    this.#memory = lock;
    const released = `let go of ${Math.round(releasedBytes / 2 ** 20)} MB of code that the start had used`;
    const facts = { event: "memory-settled", releasedBytes, lock };
    if (lock === "locked") this.#log.info(facts, `${released}; what is used of it stays in memory`);
    else {
      const advice = "give the service LimitMEMLOCK=256M, or the process CAP_IPC_LOCK";
      this.#log.warn(facts, `${released}; it may be dropped when memory runs out (${lock}): ${advice}`);
    }
  }
}
