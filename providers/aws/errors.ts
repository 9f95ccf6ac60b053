/** EC2's error codes, sorted by what they mean for the next step. The codes are listed in the EC2 API reference, "Error codes". */
import { ProviderError, type ProviderErrorKind } from "../../src/provider/errors.ts";

/**
 * What the SDK threw, as the takeover reads it. Anything that is neither a refusal of the cloud's nor a failed connection is
 * a bug of ours and comes back unchanged.
 */
export function providerError(operation: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ProviderError) return thrown;
  const { name, message, $metadata, code } = thrown as SdkError;
  if (name === "CredentialsProviderError") return noCredentials(operation);
  const network = NETWORK_CODES.has(code ?? "") || name === "TimeoutError";
  if (!$metadata?.httpStatusCode && !network) return thrown;
  const kind = network ? "unreachable" : kindOf(name, $metadata?.httpStatusCode ?? 500);
  return new ProviderError({
    kind,
    operation: `ec2:${operation}`,
    message: network ? `no answer from the EC2 API (${code ?? message})` : `${name}: ${readable(message)}`,
    hint: HINTS[name] ?? KIND_HINTS[kind],
    cloudCode: network ? undefined : name,
    requestId: $metadata?.requestId,
  });
}

/** The cloud's code of an error that {@link providerError} made. */
export function cloudCodeOf(error: unknown): string | undefined {
  return error instanceof ProviderError ? error.facts.cloudCode : undefined;
}

/** Whether the SDK threw what fresh credentials, or the clock that it corrected by the refusal itself, may put right. */
export function mayBeStaleCredentials(thrown: unknown): boolean {
  return thrown instanceof Error && STALE_CREDENTIALS.has(thrown.name);
}

/** Whether the connection ended under the call, as a kept-open one does when the other side has closed it. */
export function isBrokenConnection(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, message } = thrown as SdkError;
  return code === "ECONNRESET" || code === "EPIPE" || message === "socket hang up";
}

export function noCredentials(operation: string): ProviderError {
  return new ProviderError({
    kind: "denied",
    operation: `ec2:${operation}`,
    message: "no credentials were found",
    hint: "Give the instance an IAM role whose policy is in providers/aws/policies, or set AWS_PROFILE.",
  });
}

export function timedOut(operation: string, afterMs: number): ProviderError {
  return new ProviderError({
    kind: "unreachable",
    operation: `ec2:${operation}`,
    message: `the EC2 API did not answer within ${afterMs} ms`,
    hint: KIND_HINTS.unreachable,
  });
}

interface SdkError extends Error {
  /** Of network errors, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CERT_HAS_EXPIRED",
]);

const STALE_CREDENTIALS: ReadonlySet<string> = new Set([
  "RequestExpired",
  "ExpiredToken",
  "ExpiredTokenException",
  "AuthFailure",
  "InvalidClientTokenId",
]);

const DENIED: ReadonlySet<string> = new Set([
  ...STALE_CREDENTIALS,
  "UnauthorizedOperation",
  "MissingAuthenticationToken",
  "SignatureDoesNotMatch",
  "OptInRequired",
  "Blocked",
  "PendingVerification",
]);

const CONFLICT: ReadonlySet<string> = new Set([
  "IncorrectState",
  "IncorrectInstanceState",
  "Resource.AlreadyAssociated",
  "RouteAlreadyExists",
  "DependencyViolation",
]);

const THROTTLED: ReadonlySet<string> = new Set(["RequestLimitExceeded", "Throttling", "ThrottlingException"]);

function kindOf(code: string, status: number): ProviderErrorKind {
  if (THROTTLED.has(code)) return "throttled";
  if (DENIED.has(code)) return "denied";
  if (CONFLICT.has(code) || code.endsWith(".InUse")) return "conflict";
  if (code.endsWith(".NotFound")) return "not-found";
  return status >= 500 ? "unreachable" : "misconfigured";
}

const KIND_HINTS: Record<ProviderErrorKind, string> = {
  throttled: "Another tool may be using up the account's API rate; cloudvip goes on trying.",
  denied: "Check the IAM role of the instance against the policy in providers/aws/policies.",
  conflict: "Something else is changing the same resource; cloudvip goes on trying.",
  "not-found": "Check the id in the configuration, and that it is in this region and account.",
  unreachable:
    "Check that this subnet reaches the EC2 API: a NAT gateway, an internet gateway, or a VPC endpoint for ec2.",
  misconfigured: "Compare the VIPs and the provider's options with the VPC.",
};

const HINTS: Readonly<Record<string, string>> = {
  RequestExpired: "Check this server's clock (chronyc tracking), and that its credentials are renewed.",
  AuthFailure: "Check the credentials, and this server's clock (chronyc tracking).",
  PrivateIpAddressLimitExceeded:
    "Take a larger instance type, or fewer VIPs: each type has a limit of addresses for an interface.",
  RouteLimitExceeded: "Raise the quota of routes in a route table, or remove routes.",
};

/** One line, without the encoded blob of an authorization failure: it is long, and tells what the account allows. */
function readable(message: string): string {
  const [plain = ""] = message.split(/\s*Encoded authorization failure message/);
  return plain.replace(/\s+/g, " ").slice(0, 300);
}
