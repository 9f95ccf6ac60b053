/**
 * What a cloud must be able to do for cloudvip. A provider is one object for one `vrrp_instance`; it lives in the service
 * thread, may be slow, and is never asked to decide who is MASTER. A third party ships one as an npm package or a file that
 * exports `provider`, made with {@link defineProvider}.
 */
import type { z } from "zod";
import type { IpAddress } from "../base/ip.ts";
import type { PreflightAnswer, PreflightCheck, PreflightSubject } from "./preflight.ts";

/**
 * How the address moves. `move`: an API call moves it. `claim`: gratuitous ARP moves it, the API only prepares and fences.
 * `probe`: a load balancer asks the nodes.
 */
export type ProviderKind = "move" | "claim" | "probe";

export interface Provider {
  /** Finds this server and its network interface in the cloud. Refuses ambiguity rather than guess. */
  identify(signal: AbortSignal): Promise<Identity>;
  /** The calls that a claim makes, for people to read; nothing is called. `identify` came before. */
  plan(vips: readonly IpAddress[]): Plan;
  /**
   * Makes the cloud send the VIPs' traffic here; idempotent, and never gives an address up first where the cloud can
   * reassign it. A `claim` provider only repairs what its kind needs.
   *
   * @throws {ProviderError}
   */
  claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void>;
  /**
   * Who has each VIP, in the order asked. What could not be found out is `unknown` with its reason; only a call that
   * was aborted throws.
   */
  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]>;
  /** Could this node take over now? Credentials, reachability, permission, limits; moves nothing. */
  rehearse(vips: readonly IpAddress[], signal: AbortSignal): Promise<Readiness>;
  /**
   * Looks for whatever would make a failover fail, on this node and on its peers as far as the cloud shows them, for
   * `cloudvip doctor`. One answer for each of {@link ProviderDefinition.checks} that concerns this configuration, as soon as it
   * is known; moves nothing. `identify` came before.
   *
   * @throws {ProviderError}, or the signal's reason when it was aborted
   */
  preflight?(subject: PreflightSubject, signal: AbortSignal): AsyncIterable<PreflightAnswer>;
  /**
   * The least that the cloud must allow the nodes of this configuration. What is not known yet, because `identify` failed or
   * never ran, is a word in capitals.
   */
  policy?(subject: PreflightSubject, signal: AbortSignal): Promise<Policy>;
  /** Ends kept-open connections and child processes. */
  close(): Promise<void>;
}

/** What somebody grants to the nodes. */
export interface Policy {
  /** As the cloud takes it, to be printed as JSON. */
  readonly document: unknown;
  /** What the reader has to know beside it, one sentence each. */
  readonly notes: readonly string[];
}

/** Where this node is in the cloud. */
export interface Identity {
  /** The server, such as `i-0abc…`. */
  readonly instanceId: string;
  /** The network interface that gets the VIPs, such as `eni-0abc…`. */
  readonly networkInterfaceId: string;
  readonly subnetId: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
}

export interface Plan {
  readonly calls: readonly PlannedCall[];
}

export interface PlannedCall {
  /** In the cloud's words, such as `ec2:AssignPrivateIpAddresses`. */
  readonly operation: string;
  /** What it is called with, for people. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

export interface Ownership {
  readonly vip: IpAddress;
  readonly owner: Owner;
}

/** `unknown` is never loss: no state changes because a cloud did not answer. */
export type Owner =
  | { readonly kind: "mine"; readonly source: OwnerSource }
  | {
      readonly kind: "other";
      readonly source: OwnerSource;
      /** The holder in the cloud's words, such as an instance or interface id. */
      readonly holder: string;
      /** The holder's own addresses, as far as known: they tell which peer it is. */
      readonly addresses: readonly IpAddress[];
      /** The holder's server is stopped or gone: nobody serves there. */
      readonly stopped: boolean;
    }
  | { readonly kind: "nobody"; readonly source: OwnerSource }
  | { readonly kind: "unknown"; readonly why: string };

/** Instance metadata is cheap and lags differently from the API. */
export type OwnerSource = "api" | "metadata";

export interface Readiness {
  readonly ready: boolean;
  /** Every reason why a takeover would fail now; empty when ready. */
  readonly obstacles: readonly Obstacle[];
  /** When the credentials end, ISO 8601; undefined when they do not or it is not known. */
  readonly credentialsExpire: string | undefined;
}

export interface Obstacle {
  /** Stable, such as `aws/permission-denied`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What a provider is given beside its options. */
export interface ProviderPorts {
  /** The interface that carries the VIPs on this host. */
  readonly interfaceName: string;
  /** Its MAC address, `aa:bb:cc:dd:ee:ff`: metadata services list interfaces by it. */
  readonly hardwareAddress: string;
  /** This node's own address on it, the source of the adverts. */
  readonly sourceAddress: IpAddress;
  readonly log: (
    level: "debug" | "info" | "warn",
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ) => void;
}

export interface ProviderDefinition<Schema extends z.ZodType = z.ZodType> {
  /** As in the configuration, such as `aws`. */
  readonly name: string;
  /** The options in the configuration's `provider` block, beside `name`; unknown keys must be refused. */
  readonly options: Schema;
  /** May depend on the mechanism chosen. */
  kindOf(options: z.output<Schema>): ProviderKind;
  /** Everything that a preflight may answer. Only doctor asks, so the agent need not load it. */
  checks?(): Promise<readonly PreflightCheck[]>;
  /** Only keeps what it is given; the first call comes with `identify`. */
  create(options: z.output<Schema>, ports: ProviderPorts): Provider;
}

/** Checks the shape at compile time and returns it as it is. */
export function defineProvider<Schema extends z.ZodType>(
  definition: ProviderDefinition<Schema>,
): ProviderDefinition<Schema> {
  return definition;
}
