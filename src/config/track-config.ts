import type { IpAddress } from "../base/ip.ts";
import type { Millis } from "../base/units.ts";
import type { ProgramConfig } from "./program.ts";

/** One entry of `track`: something whose health decides, under its name. */
export interface TrackerConfig {
  readonly name: string;
  readonly check: CheckConfig;
  /** From the start of one run to the start of the next. */
  readonly interval: Millis;
  /** A run without an answer by then has failed. */
  readonly timeout: Millis;
  /** Successes in a row that make it up. */
  readonly rise: number;
  /** Failures in a row that make it down. */
  readonly fall: number;
  /** True: down at the start, until `rise` successes. */
  readonly initFail: boolean;
}

export type CheckConfig =
  | { readonly kind: "script"; readonly program: ProgramConfig }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | HttpCheckConfig
  | {
      readonly kind: "ping";
      readonly address: IpAddress;
      /** Echo requests of one run. */
      readonly count: number;
      /** Percent; so much or more has failed. */
      readonly loss: number;
    }
  /** Processes by the name that the kernel has for them. */
  | { readonly kind: "process"; readonly process: string; readonly quorum: number }
  /** The number in a file; a file that is missing or holds none counts as 0. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "interface"; readonly interfaceName: string };

export interface HttpCheckConfig {
  readonly kind: "http";
  readonly url: string;
  /** The answers that are well, both ends included. */
  readonly status: { readonly min: number; readonly max: number };
  /** Must occur within the first 64 KiB of the answer. */
  readonly body: string | undefined;
  /** Refuse a certificate that no authority vouches for. */
  readonly verifyCertificate: boolean;
  /** Days before its certificate expires that people are warned. */
  readonly warnBeforeExpiry: number;
}

/** What one instance makes of a tracker. */
export interface TrackConfig {
  readonly name: string;
  /** 0: FAULT while it is down. Otherwise the priority shifts by it. */
  readonly weight: number;
  /** keepalived's `reverse`: what is up counts as down, and the other way round. */
  readonly reverse: boolean;
}
