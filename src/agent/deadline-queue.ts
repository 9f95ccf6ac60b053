import type { Millis } from "../base/units.ts";

/** Something that has a deadline. */
export interface Scheduled {
  /** The current deadline, which may have moved since it was queued; undefined when nothing is due any more. */
  deadline(): Millis | undefined;
}

/**
 * The earliest deadline of many, as a binary heap. A BACKUP moves its deadline back with every advert that it hears, ten
 * thousand times a second with a thousand instances; so a later deadline costs nothing here: the entry keeps its old time,
 * and is queued anew when that comes up.
 */
export class DeadlineQueue<T extends Scheduled> {
  readonly #heap: { readonly item: T; readonly at: Millis }[] = [];
  readonly #queuedAt = new Map<T, Millis>();

  /** Call it whenever an item's deadline may have changed. */
  schedule(item: T): void {
    const at = item.deadline();
    const queuedAt = this.#queuedAt.get(item);
    if (at === undefined || (queuedAt !== undefined && queuedAt <= at)) return;
    this.#queuedAt.set(item, at);
    this.#heap.push({ item, at });
    this.#rise(this.#heap.length - 1);
  }

  /** The time to look again; at or before the earliest deadline. */
  next(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  /** Takes out every item whose deadline has passed. */
  takeDue(now: Millis): T[] {
    const due: T[] = [];
    for (let top = this.#heap[0]; top && top.at <= now; top = this.#heap[0]) {
      this.#removeTop();
      if (this.#queuedAt.get(top.item) !== top.at) continue;
      this.#queuedAt.delete(top.item);
      const deadline = top.item.deadline();
      if (deadline !== undefined && deadline <= now) due.push(top.item);
      else this.schedule(top.item);
    }
    return due;
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const [lower, upper] = [this.#heap[child], this.#heap[parent]];
    if (!lower || !upper || lower.at >= upper.at) return false;
    this.#heap[child] = upper;
    this.#heap[parent] = lower;
    return true;
  }
}
