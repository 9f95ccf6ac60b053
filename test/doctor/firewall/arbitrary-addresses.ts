import fc from "fast-check";

/** Addresses around those of the test: about half of what is drawn from them matches. */
export const ADDRESSES = fc.constantFrom(
  "10.9.0.1",
  "10.9.0.40",
  "10.9.7.1",
  "10.9.0.2",
  "10.9.0.3",
  "192.0.2.9",
);
export const PREFIXES = fc.constantFrom(
  "10.9.0.0/24",
  "10.9.0.0/16",
  "10.9.0.0/28",
  "10.9.0.32/27",
  "10.0.0.0/8",
  "192.0.2.0/24",
);
export const RANGES = fc.constantFrom("10.9.0.1-10.9.0.2", "10.9.0.30-10.9.7.1", "192.0.2.0-192.0.2.9");

/** Rules test against few values, so that marks which one rule sets are found by others. */
export const MARKS = fc.constantFrom(0, 1, 2, 3, 0x101);
export const DIRECTIONS = fc.constantFrom("saddr", "daddr");
