import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type AddressPolicy, guardedLookup, refuseForbidden } from "./forbidden-addresses.ts";
import type { HttpAnswer, HttpRequest } from "./http-message.ts";

/** From the first packet to the last, however slowly a receiver answers. */
const DEADLINE_MS = 5_000;
/** Every receiver's answer fits many times; what comes after it is not read. */
const ANSWER_BYTES_MAX = 64 * 1024;

/**
 * Posts one message. Redirects are not followed, certificates are checked, and addresses that no message belongs to are
 * refused. An answer that is too long or too slow is cut: its status says what became of the message.
 *
 * @throws {Error} when there was no answer at all
 */
export function postHttp(
  message: HttpRequest,
  policy: AddressPolicy,
  deadlineMs = DEADLINE_MS,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(message.url);
    refuseForbidden(url.hostname.replace(/^\[|\]$/g, ""), policy);
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const body = Buffer.from(message.body);
    const headers = { "user-agent": "cloudvip", ...message.headers, "content-length": body.length };
    // No connection is kept: messages are rare, and one that the receiver has closed meanwhile would cost a retry.
    const request = send(url, { method: "POST", headers, agent: false, lookup: guardedLookup(policy) });
    const received: Received = { chunks: [], size: 0, answer: undefined };
    const finish = (error?: Error) => {
      clearTimeout(timer);
      request.destroy();
      if (received.answer) resolve(answerOf(received.answer, received.chunks));
      else reject(error ?? new Error("the connection was closed without an answer"));
    };
    const timer = setTimeout(() => finish(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs);
    request.on("error", finish);
    request.on("response", (answer) => collect(answer, received, finish));
    request.end(body);
  });
}

interface Received {
  readonly chunks: Buffer[];
  size: number;
  answer: IncomingMessage | undefined;
}

function collect(answer: IncomingMessage, received: Received, finish: () => void): void {
  received.answer = answer;
  answer.on("data", (chunk: Buffer) => {
    received.chunks.push(chunk.subarray(0, ANSWER_BYTES_MAX - received.size));
    received.size += chunk.length;
    if (received.size >= ANSWER_BYTES_MAX) finish();
  });
  answer.on("error", finish);
  answer.on("end", finish);
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, chunks: readonly Buffer[]): HttpAnswer {
  return {
    status: statusCode,
    body: Buffer.concat(chunks).toString("utf8"),
    retryAfter: headers["retry-after"],
  };
}
