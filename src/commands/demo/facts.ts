import type { PhaseTimes } from "../../agent/phases.ts";
import { invariant } from "../../base/invariant.ts";
import { type IpAddress, parseIp } from "../../base/ip.ts";
import type { Millis } from "../../base/units.ts";
import type { RouterStateName } from "../../status/snapshot.ts";
import type { TransitionReason } from "../../vrrp/actions.ts";

export type NodeName = "node-a" | "node-b";

/** The cast: node-a is preferred, node-b stands by. */
export const NODES: Readonly<Record<NodeName, { readonly address: IpAddress; readonly priority: number }>> = {
  "node-a": { address: address("10.99.0.11"), priority: 150 },
  "node-b": { address: address("10.99.0.12"), priority: 100 },
};
/** Who may have the virtual address in the cloud. */
export type OwnerName = NodeName | typeof BYSTANDER.name;

export const NODE_NAMES: readonly NodeName[] = ["node-a", "node-b"];
export const CLIENT_ADDRESS = address("10.99.0.21");
/** Where the emulated cloud listens. */
export const CLOUD_ADDRESS = address("10.99.0.31");
/** A server of the same account that has nothing to do with the group, and does not exist beyond the emulated cloud. */
export const BYSTANDER = { name: "server-x", address: address("10.99.0.41") } as const;
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
  /** A BACKUP tried out that it could claim the address from the cloud. */
  | { readonly kind: "ready"; readonly node: NodeName; readonly at: Millis }
  /** A MASTER saw that the cloud sends the traffic elsewhere, and claims it again. */
  | { readonly kind: "repair"; readonly node: NodeName; readonly at: Millis }
  /** The cloud sends the traffic of the virtual address to another server from now on. */
  | { readonly kind: "owner"; readonly owner: OwnerName; readonly at: Millis }
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
