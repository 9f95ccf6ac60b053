import { FILE_WEIGHT_MAX, WEIGHT_MAX } from "../schema-track.ts";
import type { Scope } from "./settings.ts";
import type { Statement } from "./statement.ts";

/** `weight N [reverse|noreverse]` */
export interface Weight {
  readonly weight: number;
  /** Undefined when the line does not say. */
  readonly reverse: boolean | undefined;
}

/**
 * Reads what follows the word `weight`; undefined, and a warning, when keepalived would not take it. It takes 254 and makes it 253
 * where the most is 253.
 */
export function readWeight(
  [number = "", direction]: readonly string[],
  statement: Statement,
  scope: Scope,
): Weight | undefined {
  const value = Number(number);
  const path = [...scope.path, statement.words[0] ?? ""];
  if (!/^-?\d{1,9}$/.test(number) || Math.abs(value) > FILE_WEIGHT_MAX) {
    scope.log.warn(statement.at, {
      path,
      value: number,
      message: `"${number}" is no weight: keepalived ignores it, and so does cloudvip`,
      fix: `write a whole number from -${WEIGHT_MAX} to ${WEIGHT_MAX}`,
    });
    return undefined;
  }
  if (direction !== undefined && !/^(no)?reverse$/.test(direction)) {
    scope.log.warn(statement.at, {
      path,
      value: direction,
      message: `"${direction}" is neither reverse nor noreverse: keepalived ignores it, and so does cloudvip`,
      fix: "remove it",
    });
  }
  const reverse = direction === "reverse" ? true : direction === "noreverse" ? false : undefined;
  return { weight: value, reverse };
}

/** What keepalived makes of ±254 anywhere but in a file. */
export function clipWeight(weight: number): number {
  return Math.max(-WEIGHT_MAX, Math.min(WEIGHT_MAX, weight));
}
