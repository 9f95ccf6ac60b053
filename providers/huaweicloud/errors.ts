import { ProviderError, type ProviderErrorKind } from "../../src/provider/errors.ts";

/** What came back from the API: one of three shapes of error, by the age of the API, or a success. */
export interface VpcReply {
  /** HTTP status. */
  readonly status: number;
  readonly requestId: string | undefined;
  /** Milliseconds, where the service named a time. */
  readonly retryAfterMs: number | undefined;
  /** Parsed JSON; undefined when it was none. */
  readonly body: unknown;
}

/** The {@link ProviderError} of a reply that is no success. */
export function refusalOf(operation: string, reply: VpcReply): ProviderError {
  const { code, message } = codeAndMessage(reply.body);
  const kind = kindOf(reply.status, code);
  return new ProviderError({
    kind,
    operation,
    message: `${message ?? `HTTP ${reply.status}`}${code ? ` (${code})` : ""}`,
    hint: hintOf(kind, reply.status, code, operation),
    cloudCode: code,
    requestId: reply.requestId,
    retryAfterMs: reply.retryAfterMs,
  });
}

/** No answer at all, or one that is none. `message` must come from us or from the socket, never from a request. */
export function unreachable(operation: string, message: string): ProviderError {
  const hint =
    "Check the route, DNS and egress rules to the endpoint, and `endpoint` or `region` in the provider block.";
  return new ProviderError({ kind: "unreachable", operation, message, hint });
}

/** v1 `{code, message}`, v3 and gateway `{error_code, error_msg}`, Neutron `{NeutronError: {type, message}}`. */
function codeAndMessage(body: unknown): { code: string | undefined; message: string | undefined } {
  const outer = isRecord(body) ? body : {};
  const inner = isRecord(outer["NeutronError"]) ? outer["NeutronError"] : outer;
  return {
    code: text(inner["code"]) ?? text(inner["error_code"]) ?? text(inner["type"]),
    message: text(inner["message"]) ?? text(inner["error_msg"]),
  };
}

function kindOf(status: number, code: string | undefined): ProviderErrorKind {
  if (status === 429 || code === "APIGW.0308") return "throttled";
  // Documented as quota codes; they answer 409 as a passing conflict does, but only a person can help.
  if (code === "VPC.9905" || code === "OverQuota") return "misconfigured";
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  if (status >= 500) return "unreachable";
  return "misconfigured";
}

function hintOf(
  kind: ProviderErrorKind,
  status: number,
  code: string | undefined,
  operation: string,
): string {
  switch (kind) {
    case "denied":
      return status === 401
        ? "Check this server's clock (at most 15 minutes off), its agency, and `project_id`."
        : `Grant ${operation} to the agency; the policy in providers/huaweicloud/README.md has all that is needed.`;
    case "throttled":
      return "Other tools of this account use the same limit; slow them down or ask for a higher one.";
    case "not-found":
      return "Check that the ids in the provider block belong to this project and region.";
    case "conflict":
      return "It is tried again; if it stays, look at the resource in the console.";
    case "unreachable":
      return "It is tried again; see the cloud's status page if it stays.";
    case "misconfigured":
      return code === "VPC.0007"
        ? "`project_id` is not the project of these credentials."
        : "Correct what the message names; it is refused as long as it stays as it is.";
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
