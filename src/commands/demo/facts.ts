import type { PhaseTimes } from "../../agent/phases.ts";
import { invariant } from "../../base/invariant.ts";
import { type IpAddress, parseIp } from "../../base/ip.ts";
import type { Millis } from "../../base/units.ts";
import type { RouterStateName } from "../../status/snapshot.ts";
import type { TransitionReason } from "../../vrrp/actions.ts";

export type NodeName = "node-a" | "node-b";

/** The cast: node-a is preferred, node-b stands by. */
export const NODES: Readonly<Record<NodeName, { readonly address: IpAddress; readonly priority: number }>> = {
  "node-a": { address: address("10.99.0.1"), priority: 150 },
  "node-b": { address: address("10.99.0.2"), priority: 100 },
};
export const NODE_NAMES: readonly NodeName[] = ["node-a", "node-b"];
export const CLIENT_ADDRESS = address("10.99.0.9");
export const VIRTUAL_ADDRESS = address("10.99.0.100");
/** Of the network that all of them are in. */
export const PREFIX_LENGTH = 24;

/** What a demo is told by its agents and its client. Times are milliseconds since the demo began. */
export type Fact =
  | {
      readonly kind: "transition";
      readonly node: NodeName;
      readonly at: Millis;
      readonly from: RouterStateName;
      readonly to: RouterStateName;
      readonly reason: TransitionReason;
    }
  /** A takeover is through. */
  | { readonly kind: "serving"; readonly node: NodeName; readonly at: Millis; readonly phases: PhaseTimes }
  /** A MASTER heard another one of lower rank and announced the address again. */
  | { readonly kind: "reasserted"; readonly node: NodeName; readonly at: Millis }
  /** What an agent says of itself when it is asked. */
  | {
      readonly kind: "reading";
      readonly node: NodeName;
      readonly state: RouterStateName;
      readonly bound: boolean;
      readonly advertsSent: number;
      readonly advertsHeard: number;
    }
  /** The client got the answer to a ping; they are counted from 1. */
  | { readonly kind: "answered"; readonly sequence: number; readonly at: Millis };

function address(text: string): IpAddress {
  const parsed = parseIp(text);
  invariant(parsed !== undefined, `${text} is an address`);
  return parsed;
}
