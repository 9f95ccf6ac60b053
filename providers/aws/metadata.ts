import { messageOf } from "../../src/base/errors.ts";
import { withDeadline } from "../../src/provider/deadline.ts";
import { ProviderError } from "../../src/provider/errors.ts";

const IPV4_ENDPOINT = "http://169.254.169.254";
const IPV6_ENDPOINT = "http://[fd00:ec2::254]";
/** The longest that the service grants. */
const TOKEN_LIFETIME_SECONDS = 21_600;

/**
 * The instance metadata service, version 2 only: each question carries a token that only this instance can get, which a
 * request smuggled through some proxy cannot.
 */
export class Metadata {
  readonly #endpoint: string;
  readonly #timeoutMs: number;
  #token: Promise<string> | undefined;

  /** `endpoint` is a URL without a path; the environment's unless given. */
  constructor(timeoutMs: number, endpoint = metadataEndpoint()) {
    this.#timeoutMs = timeoutMs;
    this.#endpoint = endpoint.replace(/\/+$/, "");
  }

  /**
   * One item under `/latest/meta-data/`; undefined when the instance has none.
   *
   * @throws {ProviderError} `unreachable`
   */
  async read(item: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#get(item, signal);
    // A token ends early when the instance was stopped and started from an image of its memory.
    const valid = answer.status === 401 ? await this.#getWithFreshToken(item, signal) : answer;
    if (valid.status === 404) return undefined;
    if (valid.status !== 200) throw unreachable(item, `HTTP ${valid.status}`);
    return valid.body;
  }

  /** The lines of one item; empty when the instance has none. */
  async readLines(item: string, signal: AbortSignal): Promise<readonly string[]> {
    const text = (await this.read(item, signal)) ?? "";
    return text.split("\n").filter((line) => line !== "");
  }

  #getWithFreshToken(item: string, signal: AbortSignal) {
    this.#token = undefined;
    return this.#get(item, signal);
  }

  async #get(item: string, signal: AbortSignal) {
    const headers = { "x-aws-ec2-metadata-token": await this.#sharedToken(signal) };
    return this.#request("GET", `/latest/meta-data/${item}`, headers, signal);
  }

  #sharedToken(signal: AbortSignal): Promise<string> {
    this.#token ??= this.#fetchToken(signal).catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #fetchToken(signal: AbortSignal): Promise<string> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_LIFETIME_SECONDS.toString() };
    const { status, body } = await this.#request("PUT", "/latest/api/token", headers, signal);
    if (status !== 200) throw unreachable("a session token", `HTTP ${status}`);
    return body;
  }

  async #request(method: string, path: string, headers: Record<string, string>, signal: AbortSignal) {
    try {
      return await withDeadline(signal, this.#timeoutMs, async (bounded) => {
        const request = { method, headers, signal: bounded, redirect: "error" } as const;
        const response = await fetch(`${this.#endpoint}${path}`, request);
        return { status: response.status, body: await response.text() };
      });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(path.replace("/latest/meta-data/", ""), messageOf(error));
    }
  }
}

/** The endpoint by the same variables as in the SDKs. */
export function metadataEndpoint(environment: NodeJS.ProcessEnv = process.env): string {
  const ipv6 = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.toLowerCase() === "ipv6";
  return environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? (ipv6 ? IPV6_ENDPOINT : IPV4_ENDPOINT);
}

function unreachable(what: string, why: string): ProviderError {
  return new ProviderError({
    kind: "unreachable",
    operation: "metadata",
    message: `the instance metadata service gave no ${what}: ${why}`,
    hint:
      "Enable the metadata service for the instance; in a container with a network of its own, also raise " +
      "HttpPutResponseHopLimit to 2 (aws ec2 modify-instance-metadata-options).",
  });
}
