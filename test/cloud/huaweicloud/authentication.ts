import { createHash, createHmac } from "node:crypto";
import type { CloudRequest } from "../base/call.ts";
import { ApiError } from "./api-error.ts";

/** What signs a request. Temporary credentials carry a token and end; permanent ones do neither. */
export interface Credential {
  readonly access: string;
  readonly secret: string;
  readonly securitytoken?: string;
  /** Milliseconds since 1970; absent for permanent credentials. */
  readonly expiresAt?: number;
  /** Whose agency it is, or the name of a user. */
  readonly who: string;
}

/** The gateway refuses a signature whose date differs from its clock by more than this. */
const SKEW_MAX_MS = 15 * 60_000;

/**
 * Checks the `SDK-HMAC-SHA256` signature of a request, value included, at the cloud's time `now`.
 *
 * @throws {ApiError} 401 `APIGW.0301`, as the gateway words every failed authentication
 */
export function authenticate(
  request: CloudRequest,
  credentialOf: (access: string) => Credential | undefined,
  now: number,
): Credential {
  const authorization = parseAuthorization(header(request, "authorization"));
  if (!authorization) throw refused("no signature was found in the Authorization header");
  const credential = credentialOf(authorization.access);
  if (!credential) throw refused(`verify aksk signature fail, ak ${authorization.access} not exist`);
  const date = header(request, "x-sdk-date");
  if (Math.abs(parseDate(date) - now) > SKEW_MAX_MS) throw refused("the signature expired");
  if ((credential.securitytoken ?? "") !== header(request, "x-security-token")) {
    throw refused("securitytoken does not belong to the ak");
  }
  if (credential.expiresAt !== undefined && credential.expiresAt <= now)
    throw refused("securitytoken expired");
  if (signature(request, authorization.signedHeaders, credential.secret) !== authorization.signature) {
    throw refused("verify aksk signature fail");
  }
  return credential;
}

/** The access key that a request names, signed or not: who is journaled. */
export function accessKeyOf(request: CloudRequest): string | undefined {
  return parseAuthorization(header(request, "authorization"))?.access;
}

function refused(reason: string): ApiError {
  return new ApiError(401, "APIGW.0301", `Incorrect IAM authentication information: ${reason}`);
}

function parseAuthorization(text: string) {
  const match = /^SDK-HMAC-SHA256 Access=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, access = "", signedHeaders = "", signatureText = ""] = match;
  return { access, signedHeaders: signedHeaders.split(";"), signature: signatureText };
}

/** Hex HMAC-SHA256 of the canonical request, as the service documents its signing process. */
function signature(request: CloudRequest, signedHeaders: readonly string[], secret: string): string {
  const canonicalRequest = [
    request.method,
    request.path.endsWith("/") ? request.path : `${request.path}/`,
    canonicalQuery(request.query),
    signedHeaders.map((name) => `${name}:${header(request, name)}\n`).join(""),
    signedHeaders.join(";"),
    header(request, "x-sdk-content-sha256") || sha256(request.body),
  ].join("\n");
  const toSign = `SDK-HMAC-SHA256\n${header(request, "x-sdk-date")}\n${sha256(canonicalRequest)}`;
  return createHmac("sha256", secret).update(toSign).digest("hex");
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.sort().join("&");
}

function header(request: CloudRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

/** Reads `20261120T101500Z`; NaN-free, so that a missing date is simply too old. */
function parseDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return Number.NEGATIVE_INFINITY;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
