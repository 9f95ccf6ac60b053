import type { InstanceType } from "./instance-types.ts";
import type { Query } from "./query.ts";
import type { AwsState } from "./state.ts";
import type { XmlObject } from "./xml.ts";

/** One action of the EC2 API. */
export interface Operation {
  readonly read: boolean;
  /** Whether the action knows `DryRun`; the four actions that assign and unassign addresses do not. */
  readonly dryRun: boolean;
  /** Gives the elements of the answer; throws an AwsError to refuse. */
  run(call: OperationCall): XmlObject;
}

export interface OperationCall {
  readonly query: Query;
  readonly account: Account;
  /** Reads see this, which may lag. */
  readonly view: Readonly<AwsState>;
  /** The moment that `view` shows, milliseconds since 1970. */
  readonly viewTime: number;
  /** The current moment, for changes. */
  readonly now: number;
  /** Changes the current state; a change that throws changes nothing. */
  readonly update: <Result>(change: (draft: AwsState) => Result) => Result;
}

/** What does not change while the emulator runs. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  readonly instanceTypes: Readonly<Record<string, InstanceType>>;
  /** How long an interface takes to attach and to detach. */
  readonly attachMs: number;
  readonly detachMs: number;
}

/** What a change without a result answers. */
export const DONE: XmlObject = { return: true };

export function change(dryRun: boolean, run: Operation["run"]): Operation {
  return { read: false, dryRun, run };
}

export function read(run: Operation["run"]): Operation {
  return { read: true, dryRun: true, run };
}
