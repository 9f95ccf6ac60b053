import { type Clock, systemClock } from "../base/clock.ts";
import { FaultBoard } from "../base/faults.ts";
import { History } from "../base/history.ts";
import { Journal } from "../base/journal.ts";
import { type BucketSize, TokenBuckets } from "../base/token-bucket.ts";
import { CredentialStore } from "./credentials.ts";
import { INSTANCE_TYPES, type InstanceType } from "./instance-types.ts";
import type { Account } from "./operation.ts";
import { Permissions } from "./permissions.ts";
import { type AwsState, emptyState } from "./state.ts";
import { ACCOUNT_ID, createWorld, REGION } from "./world.ts";

export interface AwsCloudOptions {
  /** What exists at first; `createWorld()` unless given. */
  readonly world?: AwsState;
  /** How far Describe and metadata lag behind changes; not at all unless given. */
  readonly lag?: Partial<Lag>;
  /** How long an interface takes to attach and to detach; 0 unless given. */
  readonly attachMs?: number;
  readonly detachMs?: number;
  /** Six hours unless given. */
  readonly credentialsLifetimeMs?: number;
  /** Types in addition to the well-known ones. */
  readonly instanceTypes?: Readonly<Record<string, InstanceType>>;
  /** `off`: only faults throttle. */
  readonly throttling?: Throttling | "off";
  readonly clock?: Clock;
}

/** How far reads lag behind changes, in milliseconds; infinite until {@link History.settle}. */
export interface Lag {
  describeMs: number;
  metadataMs: number;
}

/** How many calls of one action an account may make in one region. */
export interface Throttling {
  readonly filteredReads: BucketSize;
  readonly unfilteredReads: BucketSize;
  readonly changes: BucketSize;
}

/** The order of magnitude that EC2 documents for an account without raised limits. */
export const DEFAULT_THROTTLING: Throttling = {
  filteredReads: { capacity: 100, refillPerSecond: 20 },
  unfilteredReads: { capacity: 50, refillPerSecond: 10 },
  changes: { capacity: 50, refillPerSecond: 5 },
};

const SIX_HOURS_MS = 6 * 3600 * 1000;

/** An account in a region, without the servers in front of it. */
export class AwsCloud {
  readonly account: Account;
  readonly clock: Clock;
  readonly state: History<AwsState>;
  readonly faults: FaultBoard;
  readonly journal = new Journal();
  readonly credentials: CredentialStore;
  readonly permissions: Permissions;
  readonly buckets: TokenBuckets;
  /** Undefined: never throttled, unless by a fault. */
  readonly throttling: Throttling | undefined;
  /** May be changed at any time. */
  readonly lag: Lag;
  /** A permanent key that may do everything. */
  readonly user = { accessKeyId: "AKIAEMULATOR00000001", secretAccessKey: "emulated-user-secret" };
  readonly #otherRegions: History<AwsState>;

  constructor(options: AwsCloudOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.account = {
      accountId: ACCOUNT_ID,
      region: REGION,
      instanceTypes: { ...INSTANCE_TYPES, ...options.instanceTypes },
      attachMs: options.attachMs ?? 0,
      detachMs: options.detachMs ?? 0,
    };
    this.state = new History(options.world ?? createWorld(), this.clock);
    this.#otherRegions = new History(emptyState, this.clock);
    this.faults = new FaultBoard(this.clock);
    this.credentials = new CredentialStore(this.clock, options.credentialsLifetimeMs ?? SIX_HOURS_MS);
    this.credentials.addUser("user", this.user);
    this.permissions = new Permissions(ACCOUNT_ID);
    this.buckets = new TokenBuckets(this.clock);
    this.throttling = options.throttling === "off" ? undefined : (options.throttling ?? DEFAULT_THROTTLING);
    this.lag = { describeMs: 0, metadataMs: 0, ...options.lag };
  }

  /** What a request signed for a region can see: nothing, unless it is the region of this account's resources. */
  regionState(region: string): History<AwsState> {
    return region === this.account.region ? this.state : this.#otherRegions;
  }

  /** Uses up an action's rate, as another tool of the account would. */
  drain(action: string): void {
    this.buckets.drain(action);
  }

  /** A stopped instance keeps its interfaces and addresses; routes to it become blackholes. */
  setInstanceState(instanceId: string, to: "running" | "stopped"): void {
    this.state.update((draft) => {
      const instance = draft.instances[instanceId];
      if (!instance) throw new Error(`the emulator has no instance ${instanceId}`);
      instance.state = to;
    });
  }
}
