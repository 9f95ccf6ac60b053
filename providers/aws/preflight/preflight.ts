/** Everything that `cloudvip doctor` asks about AWS. Loaded by doctor only: the agent never needs it. */
import {
  answersTo,
  type PreflightAnswer,
  type PreflightCheck,
  tableOf,
} from "../../../src/provider/preflight.ts";
import type { AwsCheck } from "./check.ts";
import { Facts, type FactsSettings } from "./facts.ts";
import { SECURITY_GROUP_CHECKS } from "./security-groups.ts";
import { SOURCE_DEST_CHECKS } from "./source-dest-check.ts";

/** In the order of a report: from what a claim needs, to what a failover meets later. */
const CHECKS: readonly AwsCheck[] = [...SECURITY_GROUP_CHECKS, ...SOURCE_DEST_CHECKS];

export const AWS_CHECKS: readonly PreflightCheck[] = tableOf(CHECKS);

export function preflight(settings: FactsSettings): AsyncIterable<PreflightAnswer> {
  return answersTo(CHECKS, new Facts(settings), settings.signal);
}
