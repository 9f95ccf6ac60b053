/** Exit codes, the same in every command; `doctor` and `status` say more with 1 and 2, see there. */
export const EXIT = {
  ok: 0,
  /** What was asked for cannot be done: bad input, no permission, nothing there. */
  failed: 1,
  /** sysexits(3) EX_CONFIG: `run` refuses its file. Starting again does not help, and the unit knows it. */
  config: 78,
  /** sysexits(3) EX_SOFTWARE: a bug in cloudvip. */
  bug: 70,
} as const;
