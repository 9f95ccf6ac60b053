import * as z from "zod";
import { messageOf } from "../../src/base/errors.ts";
import { withDeadline } from "../../src/provider/deadline.ts";
import { ProviderError } from "../../src/provider/errors.ts";

/** Temporary credentials of the server's agency. */
export interface SecurityKey {
  readonly access: string;
  readonly secret: string;
  readonly securityToken: string | undefined;
  /** Milliseconds since 1970; infinite for permanent credentials. */
  readonly expiresAt: number;
}

/** What the server knows of itself. */
export interface ServerMetadata {
  readonly serverId: string;
  readonly zone: string | undefined;
  /** Older clouds do not tell them; then they have to be in the options. */
  readonly projectId: string | undefined;
  readonly region: string | undefined;
  readonly links: readonly ServerLink[];
}

interface ServerLink {
  /** The id of the interface's port. */
  readonly portId: string;
  /** Lower case. */
  readonly mac: string;
  /** `subnet.id` of the v1 API. */
  readonly networkId: string | undefined;
}

/** The service is on the same host; an answer that takes longer will not come. */
const TIMEOUT_MS = 2_000;
const TOKEN_TTL_SECONDS = 21_600;

/** The metadata service at 169.254.169.254, with tokens where the server wants them. */
export class MetadataService {
  readonly #endpoint: string;
  /** Empty: the service knows no tokens. Undefined: not asked yet. */
  #token: string | undefined;

  constructor(endpoint: string) {
    this.#endpoint = endpoint.replace(/\/+$/, "");
  }

  /** @throws {ProviderError} */
  async server(signal: AbortSignal): Promise<ServerMetadata> {
    const [server, network] = await Promise.all([
      this.#getJson("/openstack/latest/meta_data.json", metaData, signal),
      this.#getJson("/openstack/latest/network_data.json", networkData, signal),
    ]);
    return {
      serverId: server.uuid,
      zone: server.availability_zone,
      projectId: server.project_id,
      region: server.region_id,
      links: network.links.map((link) => ({
        portId: link.vif_id,
        mac: link.ethernet_mac_address.toLowerCase(),
        networkId: network.networks.find((entry) => entry.link === link.id)?.network_id,
      })),
    };
  }

  /** @throws {ProviderError} kind `denied` when no agency is set on the server */
  async securityKey(signal: AbortSignal): Promise<SecurityKey> {
    const { credential } = await this.#getJson("/openstack/latest/securitykey", securityKey, signal);
    return {
      access: credential.access,
      secret: credential.secret,
      securityToken: credential.securitytoken,
      expiresAt: Date.parse(credential.expires_at),
    };
  }

  async #getJson<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    let answer = await this.#get(path, signal);
    if (answer.status === 401 && !saysNoAgency(answer.text)) {
      this.#token = undefined;
      answer = await this.#get(path, signal);
    }
    if (answer.status === 401 && saysNoAgency(answer.text)) throw noAgency(path);
    if (answer.status !== 200) throw unanswered(path, `HTTP ${answer.status}`);
    const parsed = schema.safeParse(parseJson(answer.text));
    // The text itself may hold credentials and is not shown.
    if (!parsed.success) throw unanswered(path, "an answer of another shape than documented");
    return parsed.data;
  }

  async #get(path: string, signal: AbortSignal) {
    this.#token ??= await this.#newToken(signal);
    const headers: Record<string, string> = this.#token === "" ? {} : { "X-Metadata-Token": this.#token };
    return this.#fetch(path, { headers }, signal);
  }

  async #newToken(signal: AbortSignal): Promise<string> {
    const headers = { "X-Metadata-Token-Ttl-Seconds": String(TOKEN_TTL_SECONDS) };
    const answer = await this.#fetch("/meta-data/latest/api/token", { method: "PUT", headers }, signal);
    return answer.status === 200 ? answer.text.trim() : "";
  }

  async #fetch(
    path: string,
    init: RequestInit,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    try {
      return await withDeadline(signal, TIMEOUT_MS, async (bounded) => {
        const request = { ...init, redirect: "error", signal: bounded } as const;
        const response = await fetch(`${this.#endpoint}${path}`, request);
        return { status: response.status, text: await response.text() };
      });
    } catch (error) {
      signal.throwIfAborted();
      throw unanswered(path, messageOf(error instanceof Error && error.cause ? error.cause : error));
    }
  }
}

const metaData = z.object({
  uuid: z.string().min(1),
  availability_zone: z.string().optional(),
  project_id: z.string().optional(),
  region_id: z.string().optional(),
});

const networkData = z.object({
  links: z.array(z.object({ id: z.string(), vif_id: z.string(), ethernet_mac_address: z.string() })),
  networks: z.array(z.object({ link: z.string(), network_id: z.string().optional() })).default([]),
});

const securityKey = z.object({
  credential: z.object({
    access: z.string().min(1),
    secret: z.string().min(1),
    securitytoken: z.string().min(1),
    expires_at: z.iso.datetime(),
  }),
});

function saysNoAgency(text: string): boolean {
  return /agency/i.test(text);
}

function noAgency(path: string): ProviderError {
  return new ProviderError({
    kind: "denied",
    operation: `metadata ${path}`,
    message: "the server has no agency, and therefore no credentials",
    hint: "Create an agency for the ECS service with the policy in providers/huaweicloud/README.md, and set it on the server.",
  });
}

function unanswered(path: string, message: string): ProviderError {
  return new ProviderError({
    kind: "unreachable",
    operation: `metadata ${path}`,
    message,
    hint: "Check that the server may reach 169.254.169.254, TCP port 80, also in its security group's egress rules.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
