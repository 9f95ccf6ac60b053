import { type Millis, millis } from "../base/units.ts";
import type { RouterSettings, VrrpVersion } from "./settings.ts";
import type { BackupState, VirtualRouter } from "./state.ts";

/**
 * Skew_Time: the higher the priority, the shorter the wait, so that the best BACKUP wakes first. RFC 9568 §6.1 scales it
 * with the MASTER's interval; RFC 3768 §6.1 does not.
 */
export function skewTime(version: VrrpVersion, priority: number, masterAdvertInterval: Millis): Millis {
  const unit = version === 2 ? 1000 : masterAdvertInterval;
  return millis(((256 - priority) * unit) / 256);
}

/** Active_Down_Interval (RFC 9568 §6.1), Master_Down_Interval (RFC 3768 §6.1): silence after which a BACKUP takes over. */
export function masterDownInterval(
  about: { readonly version: VrrpVersion; readonly downTimerAdverts: number },
  priority: number,
  masterAdvertInterval: Millis,
): Millis {
  const skew = skewTime(about.version, priority, masterAdvertInterval);
  return millis(about.downTimerAdverts * masterAdvertInterval + skew);
}

/**
 * How long a BACKUP waits from now on. Without skew a MASTER that was heard is given up at the exact interval; as long as none
 * was, both nodes may have begun to listen at once, and the skew keeps them from waking together.
 */
export function backupWait(
  { settings, priority }: Pick<VirtualRouter, "settings" | "priority">,
  { master, masterAdvertInterval }: Pick<BackupState, "master" | "masterAdvertInterval">,
): Millis {
  if (settings.skew === "none" && master) return millis(settings.downTimerAdverts * masterAdvertInterval);
  return masterDownInterval(settings, priority, masterAdvertInterval);
}

/** How long a BACKUP waits after its MASTER said goodbye. */
export function farewellWait(
  { settings, priority }: Pick<VirtualRouter, "settings" | "priority">,
  masterAdvertInterval: Millis,
): Millis {
  return settings.skew === "none" ? millis(0) : skewTime(settings.version, priority, masterAdvertInterval);
}

/** The interval that a node counts with while `advertised` is its MASTER's: v3 learns it, within bounds; v2 has one only. */
export function masterInterval(
  { version, advertInterval, maxLearnedInterval }: RouterSettings,
  advertised: Millis,
): Millis {
  return version === 2 ? advertInterval : millis(Math.min(advertised, maxLearnedInterval));
}
