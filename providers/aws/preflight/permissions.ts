/** Permissions are proved and never tried out: by DryRun, or by a call that changes nothing. */
import { type PreflightFinding, verdict } from "../../../src/provider/preflight.ts";
import type { Proof } from "../proof.ts";
import type { AwsCheck } from "./check.ts";

export const PERMISSION_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/permission-denied",
    title: "this node may make the calls of a claim",
    severity: "failure",
    why: "A role that lacks one action lets everything look healthy until the night of the failover. AWS tells with DryRun whether a call would be allowed, and doctor asks for each that the mechanism makes, for each resource.",
    ask: async (facts) => {
      const proofs = await facts.permissions();
      const denied = proofs.filter((proof) => proof.verdict === "denied");
      const granted = proofs.filter((proof) => proof.verdict === "granted");
      const note = granted.map(({ action, why }) => `${action} ${why}`);
      if (denied.length === 0 && granted.length === 0) return undefined;
      return verdict(denied.map(deniedFinding), [...new Set(note)].join(", "));
    },
  },
  {
    code: "aws/permission-unproven",
    title: "each permission could be proved",
    severity: "info",
    why: "AssignPrivateIpAddresses and the calls for IPv6 addresses have no DryRun. A node that has a second address can assign that one to itself again, which proves the right and changes nothing; for the others it stays open. Doctor never tests a permission by moving an address.",
    ask: async (facts) => {
      const proofs = await facts.permissions();
      const open = proofs.filter((proof) => proof.verdict === "unproven");
      const proven = new Set(proofs.map(({ action }) => action));
      return verdict(open.map(unprovenFinding), [...proven].join(", "));
    },
  },
];

function deniedFinding({ action, why }: Proof): PreflightFinding {
  return {
    message: `this node may not call ${action}`,
    evidence: [why],
    consequence: "a failover to this node fails: the API refuses to move the address",
    fix: {
      advice: "give the role of every node what `cloudvip doctor --policy` prints",
      calls: [],
      commands: [],
    },
  };
}

function unprovenFinding({ action, why }: Proof): PreflightFinding {
  return {
    message: `nothing shows whether this node may call ${action}`,
    evidence: [why],
    consequence: "if it may not, the first failover to this node shows it",
    fix: {
      advice:
        "compare the role's policy with what `cloudvip doctor --policy` prints, or try a planned handover",
      calls: [],
      commands: [],
    },
  };
}
