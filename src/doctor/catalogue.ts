import type { Check } from "./check.ts";
import { ADDRESS_CHECKS } from "./checks/addresses.ts";
import { BOOT_CHECKS } from "./checks/boot.ts";
import { FAILOVER_PROGRAM_CHECKS } from "./checks/failover-programs.ts";
import { FILE_CHECKS } from "./checks/files.ts";
import { FIREWALL_CHECKS } from "./checks/firewall.ts";
import { LISTENER_CHECKS } from "./checks/listeners.ts";
import { MANAGER_CHECKS } from "./checks/managers.ts";
import { PROGRAM_CHECKS } from "./checks/programs.ts";
import { ROUTING_CHECKS } from "./checks/routing.ts";
import { SOCKET_CHECKS } from "./checks/sockets.ts";
import { STATIC_ADDRESS_CHECKS } from "./checks/static-addresses.ts";
import { TIMING_CHECKS } from "./checks/timing.ts";
import { WIRE_AGREE_CHECKS } from "./checks/wire-agree.ts";
import { WIRE_GROUP_CHECKS } from "./checks/wire-group.ts";
import { WIRE_REACH_CHECKS } from "./checks/wire-reach.ts";
import { WIRE_RHYTHM_CHECKS } from "./checks/wire-rhythm.ts";

/** Every check, in the order of the report: from what an agent needs to start, to what disturbs it later. */
export const CHECKS: readonly Check[] = [
  ...FILE_CHECKS,
  ...PROGRAM_CHECKS,
  ...BOOT_CHECKS,
  ...SOCKET_CHECKS,
  ...ADDRESS_CHECKS,
  ...ROUTING_CHECKS,
  ...FIREWALL_CHECKS,
  ...FAILOVER_PROGRAM_CHECKS,
  ...STATIC_ADDRESS_CHECKS,
  ...MANAGER_CHECKS,
  ...LISTENER_CHECKS,
  ...[...WIRE_REACH_CHECKS, ...WIRE_AGREE_CHECKS, ...WIRE_GROUP_CHECKS].map(patient),
  ...TIMING_CHECKS,
  ...WIRE_RHYTHM_CHECKS,
];

/** They listen for seconds, whatever else goes on. */
function patient(check: Check): Check {
  return { ...check, isPatient: true };
}
