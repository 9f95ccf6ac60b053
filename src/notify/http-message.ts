import { type Millis, millis, seconds } from "../base/units.ts";
import { DELIVERED, type Outcome } from "./outcome.ts";
import { oneLine } from "./text.ts";

/** What a channel wants sent. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back, the body cut at a limit. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

/** A receiver that names a longer pause than this gets a message earlier; nobody reads yesterday's failover. */
const RETRY_AFTER_MAX = seconds(3_600);
/** So much of a receiver's words goes to the log. */
const SHOWN_ANSWER_MAX = 200;

export function postJson(url: string, payload: unknown): HttpRequest {
  return {
    url,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(payload),
  };
}

/** What a status means, where the body adds nothing. `nowMs` is the time of day that a date in Retry-After is measured against. */
export function judgeStatus(answer: HttpAnswer, nowMs: number): Outcome {
  const { status } = answer;
  const why = `HTTP ${status}${answer.body ? `: ${shown(answer.body)}` : ""}`;
  if (status >= 200 && status < 300) return DELIVERED;
  if (status >= 300 && status < 400) {
    return {
      kind: "refused",
      why: `HTTP ${status}, a redirect, which is not followed`,
      hint: "write the address that it leads to",
    };
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: "failed", why, retryAfter: readRetryAfter(answer.retryAfter, nowMs) };
  }
  if (REFUSING.has(status)) {
    return { kind: "refused", why, hint: "see whether the channel's address and secret are still valid" };
  }
  return { kind: "rejected", why };
}

/** Not this message but whoever sends it, or where to, is wrong. */
const REFUSING: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 410]);

/** The body as a JSON object; undefined when it is none. */
export function jsonOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfter(header: string | undefined, nowMs: number): Millis | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header.trim()) ? seconds(Number(header)) : millis(Date.parse(header) - nowMs);
  return wait > 0 ? millis(Math.min(wait, RETRY_AFTER_MAX)) : undefined;
}

export function shown(words: string): string {
  return oneLine(words).slice(0, SHOWN_ANSWER_MAX);
}
