import type { Instance, NetworkInterface } from "@aws-sdk/client-ec2";
import type { IpAddress } from "../../../src/base/ip.ts";

/** This node or a peer, as far as the API shows it. */
export interface Node {
  /** For people: `this node`, or the peer's address. */
  readonly name: string;
  readonly isSelf: boolean;
  /** The source of its adverts. */
  readonly address: IpAddress;
  /** Undefined when no interface of the VPC has that address. */
  readonly networkInterface: NetworkInterface | undefined;
  readonly instance: Instance | undefined;
}

/** A node with its interface, which most checks need. */
export interface FoundNode extends Node {
  readonly networkInterface: NetworkInterface;
}

/** Each ordered pair of this node and a peer: adverts go both ways, and each way has its own rules. */
export function waysBetween(nodes: readonly FoundNode[]): readonly { from: FoundNode; to: FoundNode }[] {
  const self = nodes.find(({ isSelf }) => isSelf);
  if (!self) return [];
  return nodes
    .filter(({ isSelf }) => !isSelf)
    .flatMap((peer) => [
      { from: peer, to: self },
      { from: self, to: peer },
    ]);
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

/** What the adverts of `from` mean to `to`. */
export function unheard(from: Node, to: Node): string {
  return `${to.name} does not hear ${from.name}, and becomes MASTER beside it`;
}
