import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { ProgramConfig } from "../config/program.ts";
import type { TimeLimit } from "./time-limit.ts";

/** What one run of a check found. */
export interface Finding {
  readonly ok: boolean;
  /** The evidence, for people: `connection refused`, `exit code 1: 100% lost`. */
  readonly detail: string;
  /** Something that is well today and will not stay so, such as a certificate that expires. */
  readonly warning?: string | undefined;
  /** Only of a file: the number in it. */
  readonly value?: number;
}

/** One thing to look at, again and again. */
export interface Check {
  /**
   * Looks once. Undefined when the last look is still under way, as with a script that does not die. `limit` ends at the
   * timeout: what was found by then counts for nothing, and the check ends what it began. A rejection is a finding too. What
   * takes no time needs no promise.
   */
  run(limit: TimeLimit): Promise<Finding> | Finding | undefined;
  /** Nothing is to be left behind. */
  close?(): void;
  /** Looks at once when `onChange` is called, where something tells of changes. */
  watch?(onChange: () => void): void;
}

/** What the checks need of the host; its kernel is another folder's. */
export interface CheckPorts {
  readonly runProgram: (
    program: ProgramConfig,
    timeout: Millis,
  ) => {
    readonly outcome: Promise<{ readonly ok: boolean; readonly detail: string }>;
    readonly ended: Promise<void>;
  };
  /** Opens the socket for pings; throws when it may not. */
  readonly openIcmp: (onReply: (reply: EchoReply) => void) => {
    /** @returns why it was not sent, or undefined */
    ping(destination: IpAddress, sequence: number): string | undefined;
    close(): void;
  };
}

export interface EchoReply {
  readonly from: IpAddress;
  readonly sequence: number;
}
