/** The custom policy of the configured mechanism; it holds for a whole project, so there are no resources to name. */
import type { Policy } from "../../../src/provider/contract.ts";
import type { HuaweicloudOptions } from "../options.ts";

export function policyFor(options: HuaweicloudOptions): Policy {
  return {
    document: { Version: "1.1", Statement: [{ Effect: "Allow", Action: actionsOf(options) }] },
    notes: [
      "give it to the agency of every node; it holds for the whole project, so keep the nodes in one of their own",
      'what doctor itself looks at needs the actions under "Permissions of doctor" in providers/huaweicloud/README.md too',
    ],
  };
}

function actionsOf(options: HuaweicloudOptions): readonly string[] {
  const repairs = options.source_destination_check === "repair" || options.mechanism === "virtual-ip";
  const ports = repairs ? ["vpc:ports:get", "vpc:ports:update"] : ["vpc:ports:get"];
  if (options.mechanism === "route") return [...ports, "vpc:routeTables:get", "vpc:routeTables:update"];
  const hasEips = Object.keys(options.eips).length > 0;
  return hasEips ? [...ports, "vpc:publicIps:get", "vpc:publicIps:update"] : ports;
}

/** What a preflight reads beyond that, and `--fix` writes. */
export const DOCTOR_ACTIONS: readonly string[] = [
  "vpc:addressGroups:get",
  "vpc:firewalls:get",
  "vpc:firewalls:list",
  "vpc:publicIps:get",
  "vpc:routeTables:get",
  "vpc:securityGroupRules:create",
  "vpc:securityGroupRules:get",
  "vpc:securityGroupRules:list",
];
