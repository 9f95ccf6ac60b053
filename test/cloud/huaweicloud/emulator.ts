/**
 * Huawei Cloud's VPC service and the metadata service of its servers, over real HTTP, for the real SDK. One server carries
 * both: the API at `/v1`, `/v2.0`, `/v3`, and the metadata of each server under `/metadata/SERVER_ID`.
 *
 * Gratuitous ARP is what moves a virtual IP on this cloud; the emulator has no wires and therefore holds only what the API
 * knows: which network interfaces a virtual IP is bound to, and where routes and EIPs point.
 */
import { randomUUID } from "node:crypto";
import type { CloudAnswer, CloudCall, CloudRequest } from "../base/call.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { json } from "../base/control.ts";
import { FaultBoard } from "../base/faults.ts";
import { History } from "../base/history.ts";
import { Journal } from "../base/journal.ts";
import { type CallContext, type CloudServerOptions, startCloudServer } from "../base/server.ts";
import { type BucketSize, TokenBuckets } from "../base/token-bucket.ts";
import { AGENCY_LIFETIME_MS, Credentials } from "./agency.ts";
import { ApiError, type ApiFamily, errorBody } from "./api-error.ts";
import { accessKeyOf, authenticate, type Credential } from "./authentication.ts";
import { huaweiControl } from "./control.ts";
import { exampleCloud } from "./example-cloud.ts";
import { firewallOperations } from "./firewalls.ts";
import { Metadata, type MetadataTokens } from "./metadata.ts";
import { networkOperations } from "./networks.ts";
import { findOperation, type Operation } from "./operation.ts";
import { portOperations } from "./ports.ts";
import { publicIpOperations } from "./public-ips.ts";
import { routeTableOperations } from "./route-tables.ts";
import { securityGroupOperations } from "./security-groups.ts";
import type { CloudState } from "./wire.ts";

export interface HuaweiEmulatorOptions {
  /** The cloud at start; two servers and one virtual IP unless given. */
  readonly state?: CloudState;
  readonly clock?: Clock;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Any free port unless given. */
  readonly port?: number;
  /** Opens a socket that listens on `host`, for one that is no address of this process's own network. */
  readonly openSocket?: CloudServerOptions["openSocket"];
  readonly latencyMs?: number;
  /** Reads through the API show the cloud as it was this long ago. */
  readonly readLagMs?: number;
  /** How long credentials from the metadata service are valid. */
  readonly credentialLifetimeMs?: number;
  readonly metadataTokens?: MetadataTokens;
  /** Permanent access keys, beside those of the agencies. */
  readonly accessKeys?: readonly Credential[];
  /** For each user and operation. */
  readonly rate?: BucketSize;
}

export interface HuaweiEmulator {
  /** The endpoint of the VPC service. */
  readonly url: string;
  readonly port: number;
  readonly faults: FaultBoard;
  readonly journal: Journal;
  /** What a server uses in place of `http://169.254.169.254`. */
  metadataUrl(serverId: string): string;
  /** The cloud as it is, without lag. */
  state(): CloudState;
  /** Changes the cloud behind everybody's back, as a person in the console does. */
  change(change: (state: CloudState) => CloudState): void;
  /** Refuses a permission such as `vpc:ports:update` from now on, or grants it again. */
  deny(action: string): void;
  grant(action: string): void;
  /** Ends every credential that the metadata service gave out so far. */
  expireCredentials(): void;
  setReadLag(milliseconds: number): void;
  close(): Promise<void>;
}

const OPERATIONS: readonly Operation[] = [
  ...portOperations,
  ...routeTableOperations,
  ...publicIpOperations,
  ...securityGroupOperations,
  ...networkOperations,
  ...firewallOperations,
];

const METADATA_PATH = /^\/metadata\/([^/]+)(\/.*)$/;

/** Far above what one agent needs: throttling is asked for with a fault or with a smaller rate. */
const GENEROUS_RATE: BucketSize = { capacity: 1_000, refillPerSecond: 1_000 };

export async function startHuaweiEmulator(options: HuaweiEmulatorOptions = {}): Promise<HuaweiEmulator> {
  const clock = options.clock ?? systemClock;
  const cloud = new EmulatedCloud(options, clock);
  const { faults, journal } = cloud;
  const server = await startCloudServer({
    service: cloud,
    clock,
    faults,
    journal,
    openSocket: options.openSocket,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
  });
  return {
    url: server.url,
    port: server.port,
    faults,
    journal,
    metadataUrl: (serverId) => `${server.url}/metadata/${serverId}`,
    state: () => cloud.history.current,
    change: (change) => cloud.history.update((draft) => Object.assign(draft, change(draft))),
    deny: (action) => cloud.denied.add(action),
    grant: (action) => cloud.denied.delete(action),
    expireCredentials: () => cloud.credentials.revokeTemporary(),
    setReadLag: (milliseconds) => {
      cloud.readLagMs = milliseconds;
    },
    close: () => server.close(),
  };
}

class EmulatedCloud {
  readonly faults: FaultBoard;
  readonly journal = new Journal();
  readonly history: History<CloudState>;
  readonly credentials: Credentials;
  readonly denied = new Set<string>();
  readLagMs: number;
  readonly #metadata: Metadata;
  readonly #buckets: TokenBuckets;
  readonly #rate: BucketSize;
  readonly #clock: Clock;

  constructor(options: HuaweiEmulatorOptions, clock: Clock) {
    this.#clock = clock;
    this.faults = new FaultBoard(clock);
    this.history = new History(options.state ?? exampleCloud(), clock);
    this.credentials = new Credentials(
      options.accessKeys ?? [],
      options.credentialLifetimeMs ?? AGENCY_LIFETIME_MS,
    );
    this.readLagMs = options.readLagMs ?? 0;
    this.#metadata = new Metadata(this.credentials, options.metadataTokens ?? "absent");
    this.#buckets = new TokenBuckets(clock);
    this.#rate = options.rate ?? GENEROUS_RATE;
  }

  identify(request: CloudRequest): CloudCall {
    const metadata = METADATA_PATH.exec(request.path);
    if (metadata) {
      const [, who = "", action = ""] = metadata;
      return { surface: "metadata", action, who, read: true, params: {} };
    }
    const { operation, variables } = findOperation(OPERATIONS, request.method, request.path) ?? {};
    const access = accessKeyOf(request);
    return {
      surface: "api",
      action: operation?.name ?? `${request.method} ${request.path}`,
      who: (access && this.credentials.byAccess(access)?.who) ?? access ?? "anonymous",
      read: request.method === "GET",
      params: { ...variables, ...Object.fromEntries(request.query), ...parsedBody(request) },
    };
  }

  perform(request: CloudRequest, call: CloudCall, context: CallContext): CloudAnswer {
    const metadata = METADATA_PATH.exec(request.path);
    if (metadata) return this.#performMetadata(request, metadata[1] ?? "", metadata[2] ?? "", context.now);
    const found = findOperation(OPERATIONS, request.method, request.path);
    const requestId = randomUUID().replaceAll("-", "");
    try {
      const credential = authenticate(request, (access) => this.credentials.byAccess(access), context.now);
      if (!found) throw new ApiError(404, "APIGW.0101", "The API does not exist or has not been published.");
      this.#admit(found.operation, found.variables, credential);
      const reply = this.#carryOut(
        found.operation,
        { path: found.variables, query: request.query },
        request,
        context,
      );
      return { ...json(reply.body, reply.status), headers: headersOf(requestId) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return refusal(error, found?.operation.family ?? familyOf(call), requestId);
    }
  }

  failure(kind: "internal-error" | "throttled", request: CloudRequest): CloudAnswer {
    const requestId = randomUUID().replaceAll("-", "");
    if (METADATA_PATH.test(request.path))
      return { status: kind === "throttled" ? 429 : 500, body: "", error: kind };
    const family = findOperation(OPERATIONS, request.method, request.path)?.operation.family ?? "v3";
    const error =
      kind === "throttled"
        ? throttled()
        : new ApiError(500, INTERNAL_CODES[family], "Internal Server Error.");
    return refusal(error, family, requestId);
  }

  control(method: string, path: string, body: string): CloudAnswer | undefined {
    return huaweiControl(this, method, path, body);
  }

  #performMetadata(request: CloudRequest, serverId: string, path: string, now: number): CloudAnswer {
    const server = this.history.current.servers[serverId];
    if (!server) return { status: 404, body: "no such server\n", error: "HTTP 404" };
    return this.#metadata.answer(this.history.current, server, request, path, now);
  }

  /** What comes before the operation itself: the rate, the project in the path, the permission. */
  #admit(operation: Operation, variables: Readonly<Record<string, string>>, credential: Credential): void {
    if (!this.#buckets.take(`${credential.who} ${operation.name}`, this.#rate)) throw throttled();
    const project = variables["project_id"];
    if (project !== undefined && project !== this.history.current.project_id) {
      throw new ApiError(400, "VPC.0007", "urlTenantId is not equal tokenTenantId");
    }
    if (!this.denied.has(operation.action)) return;
    const code = operation.family === "neutron" ? "PolicyNotAuthorized" : "VPC.2201";
    throw new ApiError(403, code, `Policy doesn't allow ${operation.action} to be performed.`);
  }

  #carryOut(
    operation: Operation,
    target: { readonly path: Readonly<Record<string, string>>; readonly query: URLSearchParams },
    request: CloudRequest,
    context: CallContext,
  ) {
    const call = { ...target, body: request.body === "" ? undefined : (JSON.parse(request.body) as unknown) };
    if (operation.method === "GET") {
      const time = Math.min(this.#clock.now() - this.readLagMs, context.notAfter);
      return operation.handle(this.history.asOf(time), call);
    }
    return this.history.update((draft) => {
      const reply = operation.handle(draft, call);
      Object.assign(draft, reply.state);
      return reply;
    });
  }
}

const INTERNAL_CODES: Readonly<Record<ApiFamily, string>> = {
  v1: "VPC.0012",
  v3: "VPC.9999",
  neutron: "HTTPInternalServerError",
};

function throttled(): ApiError {
  return new ApiError(
    429,
    "APIGW.0308",
    "The throttling threshold has been reached: policy user over ratelimit.",
  );
}

function refusal(error: ApiError, family: ApiFamily, requestId: string): CloudAnswer {
  const answer = json(errorBody(error, family, requestId), error.status);
  return { ...answer, headers: headersOf(requestId), error: error.code };
}

function headersOf(requestId: string): Readonly<Record<string, string>> {
  return { "content-type": "application/json", "x-request-id": requestId };
}

function familyOf(call: CloudCall): ApiFamily {
  if (call.action.includes("/v2.0/")) return "neutron";
  return call.action.includes("/v3/") ? "v3" : "v1";
}

/** For the journal only; a body that is no JSON is refused later. */
function parsedBody(request: CloudRequest): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = request.body === "" ? {} : JSON.parse(request.body);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}
