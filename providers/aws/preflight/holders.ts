import type { Owner, Ownership } from "../../../src/provider/contract.ts";
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import type { AwsCheck } from "./check.ts";
import type { Node } from "./nodes.ts";

export const HOLDER_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/vip-holder",
    title: "the virtual addresses are held inside the group",
    severity: "warning",
    why: "An address that a stranger holds is taken from it by the first claim, and whatever uses it there breaks; or it was never meant as a VIP. A holder that is stopped serves nobody.",
    ask: async (facts) => {
      const { mechanism, subject, signal } = facts;
      const [owners, nodes] = await Promise.all([mechanism.owner(subject.vips, signal), facts.nodes()]);
      const unknown = owners.find(({ owner }) => owner.kind === "unknown");
      if (unknown?.owner.kind === "unknown") return { kind: "unseen", why: unknown.owner.why };
      const note = owners.map(({ vip, owner }) => `${vip}: ${holderText(owner)}`);
      return verdict(
        owners.flatMap((ownership) => trouble(ownership, nodes)),
        note.join(", "),
      );
    },
  },
];

function trouble({ vip, owner }: Ownership, nodes: readonly Node[]): readonly PreflightFinding[] {
  if (owner.kind !== "other") return [];
  const { addresses, holder, stopped } = owner;
  const isPeer = nodes.some((node) => addresses.includes(node.address));
  if (isPeer && !stopped) return [];
  return [
    {
      message: isPeer
        ? `${vip} is held by ${holder}, which does not run`
        : `${vip} is held by ${holder}, which is none of the group`,
      evidence: [`the holder's addresses: ${addresses.join(", ") || "none"}`],
      consequence: isPeer
        ? "nobody serves the address until a node claims it"
        : "the next MASTER takes the address away from there",
      fix: {
        advice: isPeer
          ? "see why no node of the group became MASTER"
          : "find out what uses it there; take another VIP, or name that server in `unicast_peer`",
        calls: [],
        commands: [],
      },
    },
  ];
}

function holderText(owner: Owner): string {
  switch (owner.kind) {
    case "mine":
      return "this node";
    case "other":
      return owner.holder;
    case "nobody":
      return "nobody yet";
    case "unknown":
      return "not known";
  }
}
