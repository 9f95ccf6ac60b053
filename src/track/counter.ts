/**
 * keepalived's result counter. With rise 3 and fall 2 it runs from 0 to 4:
 *
 *   0 1 2 | 3 4        below `rise` the tracker is down, from `rise` on it is up
 *
 * A success climbs one step and jumps to the top on crossing the line; a failure steps down and jumps to 0. A success while
 * up jumps to the top again and a failure while down to 0, so `rise` and `fall` count results in a row. The counter starts one
 * step below the line: the first result decides, either way.
 */
export interface ResultCounter {
  readonly rise: number;
  readonly fall: number;
  readonly result: number;
  /** Undefined before the first result. */
  readonly health: Health | undefined;
}

export type Health = "up" | "down";

/** How a counter begins: undecided, or at the far end of a health that is known, as with `init_fail` or after a restart. */
export function startCounter(
  { rise, fall }: { readonly rise: number; readonly fall: number },
  health?: Health,
): ResultCounter {
  const result = health === "up" ? rise + fall - 1 : health === "down" ? 0 : rise - 1;
  return { rise, fall, result, health };
}

export function countResult(counter: ResultCounter, success: boolean): ResultCounter {
  return success ? climb(counter) : stepDown(counter);
}

function climb(counter: ResultCounter): ResultCounter {
  const { rise, fall, result } = counter;
  if (result < rise - 1) return { ...counter, result: result + 1 };
  return { ...counter, result: rise + fall - 1, health: "up" };
}

function stepDown(counter: ResultCounter): ResultCounter {
  const { rise, result } = counter;
  if (result > rise) return { ...counter, result: result - 1 };
  return { ...counter, result: 0, health: "down" };
}
