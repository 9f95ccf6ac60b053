/**
 * Why a cloud call failed, as far as the next step differs. A provider maps its cloud's error codes to these; the takeover
 * reads `retry` and nothing else.
 */
export type ProviderErrorKind =
  /** The cloud asks for fewer calls. */
  | "throttled"
  /** Credentials missing, expired or not allowed to do this. */
  | "denied"
  /** Somebody else changed the same thing at the same time, or it is in a state that passes. */
  | "conflict"
  /** What the configuration names does not exist. */
  | "not-found"
  /** No answer, a broken connection, a 5xx: whether the call took effect is unknown. */
  | "unreachable"
  /** The cloud will refuse this for as long as the configuration or the limits stay as they are. */
  | "misconfigured";

/** `soon`: with backoff, within seconds. `slowly`: a person must act first, but may; look now and then. */
export type Retry = "soon" | "slowly";

const RETRY: Record<ProviderErrorKind, Retry> = {
  throttled: "soon",
  denied: "slowly",
  conflict: "soon",
  "not-found": "slowly",
  unreachable: "soon",
  misconfigured: "slowly",
};

export interface ProviderErrorFacts {
  readonly kind: ProviderErrorKind;
  /** What was called, in the cloud's words, such as `ec2:AssignPrivateIpAddresses`. */
  readonly operation: string;
  /** What happened, one sentence, without secrets. */
  readonly message: string;
  /** What an operator can do about it. */
  readonly hint: string;
  /** The cloud's own code, such as `RequestLimitExceeded`. */
  readonly cloudCode?: string | undefined;
  readonly requestId?: string | undefined;
  /** The cloud named a time after which to try again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly facts: ProviderErrorFacts;

  constructor(facts: ProviderErrorFacts, options?: { cause?: unknown }) {
    super(`${facts.operation}: ${facts.message}`, options);
    this.facts = facts;
  }

  get retry(): Retry {
    return RETRY[this.facts.kind];
  }
}
