import type { IpAddress } from "../base/ip.ts";

/** A node of the group, as a preflight speaks of it. */
export interface GroupNode {
  /** For people: {@link THIS_NODE}, or the peer's address. */
  readonly name: string;
  readonly isSelf: boolean;
  /** The source of its adverts. */
  readonly address: IpAddress;
}

export const THIS_NODE = "this node";

/** Each ordered pair of this node and a peer: adverts go both ways, and each way has its own rules. */
export function waysBetween<Node extends GroupNode>(
  nodes: readonly Node[],
): readonly { readonly from: Node; readonly to: Node }[] {
  const self = nodes.find(({ isSelf }) => isSelf);
  if (!self) return [];
  return nodes
    .filter(({ isSelf }) => !isSelf)
    .flatMap((peer) => [
      { from: peer, to: self },
      { from: self, to: peer },
    ]);
}

/** What it means to `to` that the adverts of `from` do not arrive. */
export function unheard(from: GroupNode, to: GroupNode): string {
  return `${to.name} does not hear ${from.name}, and becomes MASTER beside it`;
}
