import type { IpAddress } from "../../base/ip.ts";

/** Whose adverts a rule must let pass, and which way. */
export interface Opening {
  readonly direction: "in" | "out";
  readonly peer: IpAddress;
  /** ufw takes rules for protocol vrrp since 0.36.2; before, only its files do. */
  readonly ufwKnowsVrrp?: boolean;
}
