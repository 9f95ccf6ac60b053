/** What became of one item. */
export interface Failure<Item> {
  readonly item: Item;
  readonly error: unknown;
}

/**
 * Runs `work` for every item, at most `cap` at a time, and goes on after failures; they are given back in the order of the
 * items.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  cap: number,
  work: (item: Item) => Promise<unknown>,
): Promise<readonly Failure<Item>[]> {
  const failures = new Map<number, Failure<Item>>();
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      try {
        await work(item);
      } catch (error) {
        failures.set(index, { item, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(cap, items.length) }, worker));
  return [...failures].sort(([a], [b]) => a - b).map(([, failure]) => failure);
}
