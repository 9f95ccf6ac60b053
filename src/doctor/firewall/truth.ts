/** Three-valued logic (Kleene): what cannot be found out stays "unknown" unless the rest decides. */
export type Truth = boolean | "unknown";

export function not(truth: Truth): Truth {
  return truth === "unknown" ? truth : !truth;
}

/** False as soon as one is false, whatever the others are. */
export function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes("unknown") ? "unknown" : true;
}

/** True as soon as one is true, whatever the others are. */
export function some(truths: readonly Truth[]): Truth {
  return not(every(truths.map(not)));
}
