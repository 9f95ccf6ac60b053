import { type Millis, millis } from "../base/units.ts";
import type { RouterSettings, VrrpVersion } from "./settings.ts";

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

/** The interval that a node counts with while `advertised` is its MASTER's: v3 learns it, within bounds; v2 has one only. */
export function masterInterval(
  { version, advertInterval, maxLearnedInterval }: RouterSettings,
  advertised: Millis,
): Millis {
  return version === 2 ? advertInterval : millis(Math.min(advertised, maxLearnedInterval));
}
