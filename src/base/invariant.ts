/**
 * Stops on a state that the code says is impossible. Operating errors are handled where they occur; a broken invariant is
 * our bug, and a process that ends lets its peer take over, while one that goes on guessing may keep an address it lost.
 *
 * @throws {InvariantError} when `condition` is false
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** A bug in cloudvip, never an operating condition. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";

  constructor(message: string) {
    super(`invariant broken: ${message}`);
  }
}
