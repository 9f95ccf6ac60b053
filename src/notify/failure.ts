import { messageOf } from "../base/errors.ts";
import { ForbiddenAddress } from "./forbidden-addresses.ts";
import type { Outcome } from "./outcome.ts";

/** Node's and OpenSSL's words for certificates that nobody should trust. */
const CERTIFICATE_ERROR =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** What an exception of the network means. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof ForbiddenAddress) return { kind: "refused", why: error.message, hint: error.hint };
  const code = codeOf(error);
  if (CERTIFICATE_ERROR.test(code)) {
    return {
      kind: "refused",
      why: `the receiver's certificate cannot be trusted: ${messageOf(error)}`,
      hint: "see whether the address is right; for a certificate authority of your own set NODE_EXTRA_CA_CERTS",
    };
  }
  return { kind: "failed", why: code === "" ? messageOf(error) : `${code}: ${messageOf(error)}` };
}

/** nodemailer wraps the error that it got. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code, cause } = error as Error & { readonly code?: unknown };
  const own = typeof code === "string" ? code : "";
  return CERTIFICATE_ERROR.test(own) || cause === undefined ? own : codeOf(cause) || own;
}
