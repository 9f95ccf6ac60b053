import { Agent, type ClientRequest, get as getPlain, type IncomingMessage } from "node:http";
import { get as getSecure, type RequestOptions } from "node:https";
import { TLSSocket } from "node:tls";
import { urlToHttpOptions } from "node:url";
import type { HttpCheckConfig } from "../../config/track-config.ts";
import type { Check, Finding } from "../check.ts";
import { lookup } from "../lookup.ts";
import type { TimeLimit } from "../time-limit.ts";

/** Where `body` must occur; an answer may go on for ever. */
const BODY_BYTES_MAX = 64 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
const DAY_MS = 86_400_000;

/** Keeps no connection: that a new one can be had is part of what is checked. One for all, since making one costs as much as asking. */
const FRESH = new Agent({ keepAlive: false });

/** One GET on a connection of its own. A redirect is not followed: it is a status as any other. */
export class HttpCheck implements Check {
  readonly #config: HttpCheckConfig;
  readonly #options: RequestOptions;

  constructor(config: HttpCheckConfig) {
    const url = new URL(config.url);
    this.#config = config;
    const options = {
      ...urlToHttpOptions(url),
      // A session that is taken up again shows no certificate, so TLS shares nothing.
      agent: url.protocol === "https:" ? false : FRESH,
      headers: { "User-Agent": "cloudvip", Connection: "close" },
      lookup,
      autoSelectFamily: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      rejectUnauthorized: config.verifyCertificate,
    };
    this.#options = options;
  }

  run(limit: TimeLimit): Promise<Finding> {
    return new Promise((resolve) => {
      const request = this.#request();
      const end = (finding: Finding) => {
        request.destroy();
        resolve(finding);
      };
      request.once("response", (response) => this.#judge(response, end));
      request.on("error", (error) => resolve({ ok: false, detail: error.message }));
      limit.onEnd(() => request.destroy());
    });
  }

  #request(): ClientRequest {
    const { protocol } = this.#options;
    return protocol === "https:" ? getSecure(this.#options) : getPlain(this.#options);
  }

  #judge(response: IncomingMessage, end: (finding: Finding) => void): void {
    const { status, body } = this.#config;
    const { statusCode = 0 } = response;
    const warning = this.#expiryWarning(response);
    const found = (ok: boolean, detail: string) => end({ ok, detail, warning });
    if (statusCode < status.min || statusCode > status.max) found(false, `status ${statusCode}`);
    else if (body === undefined) found(true, `status ${statusCode}`);
    else {
      readStart(response, (text) => {
        const missing = `status ${statusCode}, but the answer does not hold ${JSON.stringify(body)}`;
        if (text.includes(body)) found(true, `status ${statusCode}`);
        else found(false, missing);
      });
    }
  }

  #expiryWarning({ socket }: IncomingMessage): string | undefined {
    if (!(socket instanceof TLSSocket)) return undefined;
    const { valid_to: end } = socket.getPeerCertificate();
    const days = Math.floor((Date.parse(end) - Date.now()) / DAY_MS);
    return days < this.#config.warnBeforeExpiry
      ? `the certificate expires in ${days} days, on ${end}`
      : undefined;
  }
}

/** The first bytes of a body, as soon as they are there. A body that breaks off is judged by what came. */
function readStart(response: IncomingMessage, onText: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = () => onText(Buffer.concat(chunks).toString("utf8", 0, BODY_BYTES_MAX));
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_BYTES_MAX) finish();
  });
  response.once("close", finish);
}
