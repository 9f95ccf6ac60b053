/** Everything that `cloudvip doctor` asks about Huawei Cloud. Loaded by doctor only: the agent never needs it. */
import {
  answersTo,
  type PreflightAnswer,
  type PreflightCheck,
  tableOf,
  wanted,
} from "../../../src/provider/preflight.ts";
import type { HuaweiCheck } from "./check.ts";
import { Facts, type FactsSettings } from "./facts.ts";
import { FIREWALL_CHECKS } from "./firewalls.ts";
import { INTERFACE_CHECKS } from "./interfaces.ts";
import { REACHABILITY_CHECKS } from "./reachability.ts";
import { ROUTE_CHECKS } from "./routes.ts";
import { SECURITY_GROUP_CHECKS } from "./security-groups.ts";
import { VIRTUAL_IP_CHECKS } from "./virtual-ips.ts";

const CHECKS: readonly HuaweiCheck[] = [
  ...REACHABILITY_CHECKS,
  ...VIRTUAL_IP_CHECKS,
  ...ROUTE_CHECKS,
  ...INTERFACE_CHECKS,
  ...SECURITY_GROUP_CHECKS,
  ...FIREWALL_CHECKS,
];

export const HUAWEICLOUD_CHECKS: readonly PreflightCheck[] = tableOf(CHECKS);

export function preflight(settings: FactsSettings): AsyncIterable<PreflightAnswer> {
  return answersTo(wanted(CHECKS, settings.subject), new Facts(settings), settings.signal);
}
