import type { Clock } from "./clock.ts";

/** More versions than any lag of interest spans; the oldest are forgotten first. */
const VERSIONS_MAX = 1_000;

interface Version<State> {
  readonly at: number;
  readonly state: State;
}

/**
 * The cloud's state with its past, which makes reads lag: whoever reads with a lag sees an older version. `State` must be
 * plain data. A change that throws changes nothing, which gives all-or-nothing calls for free.
 */
export class History<State> {
  readonly #clock: Clock;
  #versions: Version<State>[];
  #watcher: ((state: Readonly<State>, at: number) => void) | undefined;

  constructor(initial: State, clock: Clock) {
    this.#clock = clock;
    this.#versions = [{ at: clock.now(), state: initial }];
  }

  get current(): Readonly<State> {
    return this.#newest().state;
  }

  /** Applies `change` to a copy and makes the copy current, unless `change` throws. */
  update<Result>(change: (draft: State) => Result): Result {
    const draft = structuredClone(this.#newest().state);
    const result = change(draft);
    const at = this.#clock.now();
    this.#versions.push({ at, state: draft });
    if (this.#versions.length > VERSIONS_MAX) this.#versions.shift();
    this.#watcher?.(draft, at);
    return result;
  }

  /** Calls `watcher` after each change. */
  watch(watcher: (state: Readonly<State>, at: number) => void): void {
    this.#watcher = watcher;
  }

  /** The version that was current at `time`; the oldest known one for any earlier time. */
  asOf(time: number): Readonly<State> {
    const past = this.#versions.findLast((version) => version.at <= time) ?? this.#versions[0];
    return (past ?? this.#newest()).state;
  }

  /** The first moment of which the state is known: {@link asOf} answers any earlier one with the state of this one. */
  get earliest(): number {
    return (this.#versions[0] ?? this.#newest()).at;
  }

  /** Forgets the past, so that every reader sees the current version however much it lags. */
  settle(): void {
    this.#versions = [this.#newest()];
  }

  #newest(): Version<State> {
    const newest = this.#versions.at(-1);
    if (!newest) throw new Error("a history has at least one version");
    return newest;
  }
}
