/** What the election thread and the service thread say to each other. Plain data: it is cloned on the way. */
import type { IpAddress } from "../base/ip.ts";
import type { NotifyConfig } from "../config/notify-config.ts";
import type { Occurrence } from "../notify/notification.ts";
import type { Ownership, ProviderKind, ProviderPorts, Readiness } from "../provider/contract.ts";
import type { ProviderErrorFacts } from "../provider/errors.ts";
import type { ChannelSnapshot } from "../status/snapshot.ts";

/** Names one provider object in the service thread: the `vrrp_instance` that it works for. */
export type ProviderKey = string;

export interface OpenRequest {
  readonly key: ProviderKey;
  /** Built-in name, npm package or path. */
  readonly name: string;
  /** The `provider` block of the configuration, without what concerns every provider. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly ports: Omit<ProviderPorts, "log">;
}

export type ServiceCall = {
  readonly id: number;
  readonly key: ProviderKey;
  readonly vips: readonly IpAddress[];
  readonly operation: "claim" | "owner" | "rehearse";
};

export type ToService =
  | { readonly kind: "open"; readonly id: number; readonly request: OpenRequest }
  | { readonly kind: "call"; readonly call: ServiceCall }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "close"; readonly key: ProviderKey }
  | { readonly kind: "notify"; readonly config: NotifyConfig }
  | { readonly kind: "tell"; readonly id: number; readonly occurrence: Occurrence }
  | { readonly kind: "drain" }
  /** Close every provider, and end the thread. */
  | { readonly kind: "end" }
  | { readonly kind: "ping"; readonly count: number };

export type FromService =
  | { readonly kind: "answer"; readonly id: number; readonly value: Answer }
  | { readonly kind: "failure"; readonly id: number; readonly failure: ProviderErrorFacts }
  /** From now on the notification is the thread's business: it is on disk, or nobody wants it. */
  | { readonly kind: "told"; readonly id: number }
  /** What can be delivered at once is delivered. */
  | { readonly kind: "drained" }
  /** `channels`: how it stands with each at the time. */
  | { readonly kind: "pong"; readonly count: number; readonly channels: readonly ChannelSnapshot[] }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn";
      readonly message: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

export type Answer =
  | { readonly operation: "open"; readonly kind: ProviderKind }
  | { readonly operation: "claim" }
  | { readonly operation: "owner"; readonly owners: readonly Ownership[] }
  | { readonly operation: "rehearse"; readonly readiness: Readiness };
