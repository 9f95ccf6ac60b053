import type { Fact } from "./facts.ts";

/** Whoever speaks through a pipe is heard within so many milliseconds, on a busy machine too. */
export const HEARD_WITHIN = 100;
const LOOK_MS = 20;

type Timed = Extract<Fact, { readonly at: unknown }>;

/** Several processes tell what happened, each in its own time: this tells it on in the order in which it happened. */
export class InOrder {
  readonly #now: () => number;
  readonly #tell: (fact: Timed) => void;
  readonly #timer: NodeJS.Timeout;
  #waiting: Timed[] = [];

  constructor(options: { readonly now: () => number; readonly tell: (fact: Timed) => void }) {
    this.#now = options.now;
    this.#tell = options.tell;
    this.#timer = setInterval(() => this.#tellDue(), LOOK_MS);
  }

  add(fact: Timed): void {
    const index = this.#waiting.findLastIndex(({ at }) => at <= fact.at) + 1;
    this.#waiting.splice(index, 0, fact);
  }

  /** What is still waiting is forgotten. */
  close(): void {
    clearInterval(this.#timer);
  }

  #tellDue(): void {
    const due = this.#now() - HEARD_WITHIN;
    const ready = this.#waiting.filter(({ at }) => at <= due);
    this.#waiting = this.#waiting.slice(ready.length);
    for (const fact of ready) this.#tell(fact);
  }
}
