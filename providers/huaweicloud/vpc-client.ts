/**
 * The VPC service through Huawei's SDK, with its defects worked round. As published (core 3.1.211) it prints every failed
 * request to stdout with the token in clear, drops the error code of v1 and Neutron answers, has no timeout, and takes no
 * abort signal. Therefore its parts are put together here instead of by its builder: a logger that says nothing, answers
 * taken apart before the SDK sees them, and a signal for each call. This file loads the SDK, which takes 150 ms; import it
 * when it is needed.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js";
import { HcClient, type HttpRequestOptions } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import { DefaultHttpClient } from "@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js";
import { type Logger, LogLevel } from "@huaweicloud/huaweicloud-sdk-core/logger/index.js";
import type { SdkResponse } from "@huaweicloud/huaweicloud-sdk-core/SdkResponse.js";
import { VpcClient } from "@huaweicloud/huaweicloud-sdk-vpc/v2/VpcClient.js";
import type { z } from "zod";
import { messageOf } from "../../src/base/errors.ts";
import { withDeadline } from "../../src/provider/deadline.ts";
import type { CredentialSource } from "./credentials.ts";
import { refusalOf, unreachable, type VpcReply } from "./errors.ts";
import type { SecurityKey } from "./metadata.ts";

export interface VpcClientOptions {
  /** Such as `https://vpc.cn-north-4.myhuaweicloud.com`. */
  readonly endpoint: string;
  readonly projectId: string;
  readonly credentials: CredentialSource;
  /** For one call, everything included. */
  readonly timeoutMs: number;
}

/** What one call may use: the SDK's methods, and its signed requests for what it has no method for. */
export interface SdkCall {
  readonly vpc: VpcClient;
  readonly http: HcClient;
}

/** Answers are a few KiB; a route table of 200 routes is about 40. */
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
/** So that twenty route tables take two rounds, and a hundred do not flood the gateway. */
const CONNECTIONS_MAX = 16;
const IDLE_MS = 60_000;

/** Sends calls one by one, each signed with the credentials of the moment, over connections that stay open. */
export class SignedCaller {
  readonly #options: VpcClientOptions;
  readonly #http: DefaultHttpClient;
  readonly #agents: readonly HttpAgent[];

  constructor(options: VpcClientOptions) {
    this.#options = options;
    const pool = { keepAlive: true, maxSockets: CONNECTIONS_MAX, timeout: IDLE_MS };
    const [httpAgent, httpsAgent] = [new HttpAgent(pool), new HttpsAgent(pool)];
    this.#agents = [httpAgent, httpsAgent];
    const axiosRequestConfig = {
      httpAgent,
      httpsAgent,
      maxContentLength: ANSWER_MAX_BYTES,
      maxRedirects: 0,
      validateStatus: () => true,
      transformResponse: asReply,
    };
    const headers = { "User-Agent": "cloudvip" };
    this.#http = new DefaultHttpClient({ axiosRequestConfig, headers, logger: SILENCE }, [options.endpoint]);
  }

  /**
   * Makes one call; with credentials that the cloud refuses, once more with new ones.
   *
   * @param operation the permission that the call needs, such as `vpc:ports:update`, for people
   * @throws {ProviderError}
   * @throws the signal's reason when it was aborted
   */
  async call<Schema extends z.ZodType>(
    operation: string,
    schema: Schema,
    signal: AbortSignal,
    send: (call: SdkCall) => Promise<unknown>,
  ): Promise<z.output<Schema>> {
    const key = await this.#options.credentials.current(signal);
    let reply = await this.#attempt(operation, key, signal, send);
    if (reply.status === 401 && this.#options.credentials.discard(key)) {
      const renewed = await this.#options.credentials.current(signal);
      reply = await this.#attempt(operation, renewed, signal, send);
    }
    if (reply.status >= 300) throw refusalOf(operation, reply);
    const parsed = schema.safeParse(reply.body);
    if (!parsed.success) throw unreachable(operation, "an answer of another shape than documented");
    return parsed.data;
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #attempt(
    operation: string,
    key: SecurityKey,
    signal: AbortSignal,
    send: (call: SdkCall) => Promise<unknown>,
  ): Promise<VpcReply> {
    const { endpoint, projectId, timeoutMs } = this.#options;
    try {
      return await withDeadline(signal, timeoutMs, async (bounded) => {
        const http = new BoundedClient(this.#http, bounded).withCredential(credentialsOf(key, projectId));
        http.withEndpoints([endpoint]);
        const reply: unknown = await send({ vpc: new VpcClient(http), http });
        if (isReply(reply)) return reply;
        throw new Error("the SDK gave an answer of an unknown kind");
      });
    } catch (error) {
      signal.throwIfAborted();
      // The message only: the SDK's error carries nothing of use, and what it was made from carries the token.
      throw unreachable(operation, messageOf(error));
    }
  }
}

/** The SDK's client with a signal for its requests. */
class BoundedClient extends HcClient {
  readonly #signal: AbortSignal;

  constructor(http: DefaultHttpClient, signal: AbortSignal) {
    super(http);
    this.#signal = signal;
  }

  override sendRequest<T extends SdkResponse>(options: HttpRequestOptions): Promise<T> {
    const axiosRequestConfig = { signal: this.#signal };
    return super.sendRequest<T>(Object.assign(options, { axiosRequestConfig }));
  }
}

/** With a project id the SDK never asks the identity service, which could even create a project. */
function credentialsOf(key: SecurityKey, projectId: string): BasicCredentials {
  const credentials = new BasicCredentials().withAk(key.access).withSk(key.secret).withProjectId(projectId);
  return key.securityToken === undefined ? credentials : credentials.withSecurityToken(key.securityToken);
}

/** Runs on the raw text of every answer. The SDK passes objects on as they are and adds `httpStatusCode`. */
function asReply(text: unknown, headers: Readonly<Record<string, unknown>>, status?: number): VpcReply {
  return {
    status: status ?? 0,
    requestId: stringOf(headers["x-request-id"]),
    retryAfterMs: secondsToMillis(stringOf(headers["retry-after"])),
    body: parseJson(text),
  };
}

function isReply(value: unknown): value is VpcReply {
  return typeof value === "object" && value !== null && "status" in value && "body" in value;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function secondsToMillis(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1_000 : undefined;
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

const SILENCE: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
