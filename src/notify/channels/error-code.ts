import { type Millis, seconds } from "../../base/units.ts";
import { type HttpAnswer, jsonOf, judgeStatus, shown } from "../http-message.ts";
import { DELIVERED, type Outcome } from "../outcome.ts";

/** What the error codes of one receiver mean, which answers 200 whatever happened. */
export interface ErrorCodes {
  /** The fields of the answer that hold the code, and its words. */
  readonly code: string;
  readonly words: string;
  /** Too fast: how long to be silent. */
  readonly tooFast: ReadonlySet<number>;
  readonly pause: Millis;
  /** The message itself is wrong. */
  readonly rejecting: ReadonlySet<number>;
  /** The receiver's own trouble. */
  readonly busy: ReadonlySet<number>;
  /** For every other code: what a person has to change. */
  readonly hint: string;
}

/** Reads the answer of a receiver that puts its errors into the body of a 200. */
export function judgeErrorCode(answer: HttpAnswer, codes: ErrorCodes, nowMs: number): Outcome {
  const body = jsonOf(answer);
  const code = body?.[codes.code];
  if (typeof code !== "number") {
    const status = judgeStatus(answer, nowMs);
    // A page of a proxy in between, for example: nobody has confirmed the message.
    return status.kind === "delivered"
      ? { kind: "failed", why: `no answer of the receiver's: ${shown(answer.body)}` }
      : status;
  }
  if (code === 0) return DELIVERED;
  const why = `error ${code}: ${shown(String(body?.[codes.words] ?? ""))}`;
  if (codes.tooFast.has(code)) return { kind: "failed", why, retryAfter: codes.pause };
  if (codes.busy.has(code)) return { kind: "failed", why };
  return codes.rejecting.has(code) ? { kind: "rejected", why } : { kind: "refused", why, hint: codes.hint };
}

export const MINUTE: Millis = seconds(60);
