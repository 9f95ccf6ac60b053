import fc from "fast-check";

/** `SEED=…` makes every property draw the same cases again; without it each run tries others, and a failure prints its seed. */
const seed = process.env["SEED"];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
