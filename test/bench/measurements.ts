import { falseTakeoversChurn } from "./churn.ts";
import { requestsForManyAddresses, routeTables } from "./cloud-batch.ts";
import { claims } from "./cloud-claim.ts";
import { lateness } from "./cloud-lateness.ts";
import { cpu } from "./cost.ts";
import { hostLoss, plannedStop } from "./gaps.ts";
import { checksMixed, checksOf } from "./health-cost.ts";
import { hostLossMany, moveAll } from "./many.ts";
import type { Measurement } from "./measurement.ts";
import { memory, memoryWithCloud } from "./memory.ts";
import { notifyLatency } from "./notify-latency.ts";
import { notifyMemory } from "./notify-memory.ts";
import { startUp } from "./start-up.ts";
import { falseTakeoversBusy, falseTakeoversQuota } from "./steadiness.ts";

/** Every line of the table, in its order. */
export const MEASUREMENTS: readonly Measurement[] = [
  startUp,
  hostLoss(1000, { full: 7, quick: 1 }),
  hostLoss(100, { full: 21, quick: 3 }),
  hostLoss(30, { full: 41, quick: 5 }),
  hostLoss(10, { full: 41, quick: 5 }),
  plannedStop(1000, { full: 7, quick: 1 }),
  plannedStop(100, { full: 7, quick: 1 }),
  plannedStop(30, { full: 7, quick: 1 }),
  ...cpu(1),
  ...cpu(100),
  ...cpu(250),
  ...cpu(1000),
  moveAll(250),
  moveAll(1000),
  ...hostLossMany(100),
  memory(1),
  memory(100),
  ...memoryWithCloud,
  falseTakeoversBusy,
  falseTakeoversQuota,
  falseTakeoversChurn,
  ...claims,
  requestsForManyAddresses,
  routeTables(0),
  routeTables(20),
  lateness,
  notifyLatency,
  notifyMemory,
  checksMixed,
  checksOf("tcp"),
  checksOf("http"),
];
