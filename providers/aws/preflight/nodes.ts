import type { Instance, NetworkInterface } from "@aws-sdk/client-ec2";
import type { GroupNode } from "../../../src/provider/group-node.ts";

/** This node or a peer, as far as the API shows it. */
export interface Node extends GroupNode {
  /** Undefined when no interface of the VPC has that address. */
  readonly networkInterface: NetworkInterface | undefined;
  readonly instance: Instance | undefined;
}

/** A node with its interface, which most checks need. */
export interface FoundNode extends Node {
  readonly networkInterface: NetworkInterface;
}

/** `eni-1 of this node`, for messages. */
export function interfaceName({ name, networkInterface }: FoundNode): string {
  return `${networkInterface.NetworkInterfaceId} of ${name}`;
}

export function idOf({ networkInterface }: FoundNode): string {
  return networkInterface.NetworkInterfaceId ?? "";
}

export function groupsOf({ networkInterface }: FoundNode): readonly string[] {
  return (networkInterface.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
}
