/** Everything that `cloudvip doctor` asks about AWS. Loaded by doctor only: the agent never needs it. */

import type { Policy } from "../../../src/provider/contract.ts";
import {
  answersTo,
  type PreflightAnswer,
  type PreflightCheck,
  tableOf,
  wanted,
} from "../../../src/provider/preflight.ts";
import { ADDRESS_LIMIT_CHECKS } from "./address-limits.ts";
import { API_PATH_CHECKS } from "./api-path.ts";
import type { AwsCheck } from "./check.ts";
import { ELASTIC_IP_CHECKS } from "./elastic-ips.ts";
import { Facts, type FactsSettings } from "./facts.ts";
import { HOLDER_CHECKS } from "./holders.ts";
import { METADATA_CHECKS } from "./metadata-options.ts";
import { MOVING_INTERFACE_CHECKS } from "./moving-interface.ts";
import { NETWORK_ACL_CHECKS } from "./network-acls.ts";
import { idOf } from "./nodes.ts";
import { PEER_CHECKS } from "./peers.ts";
import { PERMISSION_CHECKS } from "./permissions.ts";
import { policyFor } from "./policy.ts";
import { REACHABILITY_CHECKS } from "./reachability.ts";
import { ROUTE_TABLE_CHECKS } from "./route-tables.ts";
import { SECURITY_GROUP_CHECKS } from "./security-groups.ts";
import { SOURCE_DEST_CHECKS } from "./source-dest-check.ts";
import { VIP_PLACE_CHECKS } from "./vip-place.ts";

/** In the order of a report: the API, what a claim needs, then the group and the network between its nodes. */
const CHECKS: readonly AwsCheck[] = [
  ...REACHABILITY_CHECKS,
  ...PERMISSION_CHECKS,
  ...VIP_PLACE_CHECKS,
  ...ADDRESS_LIMIT_CHECKS,
  ...ELASTIC_IP_CHECKS,
  ...ROUTE_TABLE_CHECKS,
  ...SOURCE_DEST_CHECKS,
  ...MOVING_INTERFACE_CHECKS,
  ...HOLDER_CHECKS,
  ...PEER_CHECKS,
  ...METADATA_CHECKS,
  ...SECURITY_GROUP_CHECKS,
  ...NETWORK_ACL_CHECKS,
  ...API_PATH_CHECKS,
];

export const AWS_CHECKS: readonly PreflightCheck[] = tableOf(CHECKS);

export function preflight(settings: FactsSettings): AsyncIterable<PreflightAnswer> {
  return answersTo(wanted(CHECKS, settings.subject), new Facts(settings), settings.signal);
}

/** The policy for this configuration; what the API does not tell stays a word in capitals. */
export async function policy(settings: FactsSettings): Promise<Policy> {
  const facts = new Facts(settings);
  const { options, subject, identity } = facts;
  const nodes = await facts.foundNodes().catch(() => []);
  const elastic = options.mechanism === "elastic-ip" ? await facts.elasticAddresses().catch(() => []) : [];
  return policyFor(options, subject, {
    region: identity.region,
    account: nodes.find(({ isSelf }) => isSelf)?.networkInterface.OwnerId,
    interfaces: nodes.map(idOf),
    instances: nodes.flatMap(({ instance }) => instance?.InstanceId ?? []),
    allocations: elastic.flatMap(({ AllocationId }) => AllocationId ?? []),
  });
}
