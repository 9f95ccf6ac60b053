import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle, Ownership, PlannedCall, ProviderPorts } from "../../src/provider/contract.ts";
import type { Ec2 } from "./ec2.ts";
import type { AwsIdentity } from "./identity.ts";
import type { Metadata } from "./metadata.ts";
import type { Proof } from "./proof.ts";

/** One way in which AWS moves an address. */
export interface Mechanism {
  plan(vips: readonly IpAddress[]): readonly PlannedCall[];
  claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void>;
  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]>;
  /** Why a claim would fail now; moves nothing. */
  obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]>;
  /** Whether each call of a claim is allowed, as far as that shows without a change; one for each resource where that matters. */
  permissions(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]>;
}

/** What a mechanism works with. */
export interface MechanismContext {
  readonly ec2: Ec2;
  readonly metadata: Metadata;
  readonly identity: AwsIdentity;
  readonly log: ProviderPorts["log"];
}
