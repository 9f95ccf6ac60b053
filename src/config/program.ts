/** A program that the agent starts: a check script or a hook. */
export interface ProgramConfig {
  /** The absolute path and the arguments. No shell reads them. */
  readonly command: readonly [path: string, ...args: string[]];
  /** Name or number; undefined runs it as the agent's own user. */
  readonly user: string | undefined;
  /** Undefined is the user's own group. */
  readonly group: string | undefined;
}
