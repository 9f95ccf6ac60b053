/**
 * An HTTP server that behaves as a cloud's endpoint does on a bad day. It reads a request, lets the cloud name it, applies
 * the faults that hit it, lets the cloud carry it out, and journals what happened. Requests under `/_emulator/` go to the
 * control API and are neither journaled nor hit by faults.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server as ListeningSocket, Socket } from "node:net";
import type { CloudAnswer, CloudCall, CloudRequest } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { ActiveFault, FaultBoard, FaultKind } from "./faults.ts";
import type { Journal } from "./journal.ts";

/** One surface of an emulated cloud. */
export interface CloudService {
  /** Names a request without carrying it out. */
  identify(request: CloudRequest): CloudCall;
  /** Carries it out. */
  perform(request: CloudRequest, call: CloudCall, context: CallContext): CloudAnswer;
  /** How this cloud words an internal error and throttling. */
  failure(kind: "internal-error" | "throttled", request: CloudRequest): CloudAnswer;
  /** The control API; undefined for a path that it does not know. */
  control?(method: string, path: string, body: string): CloudAnswer | undefined;
}

export interface CallContext {
  /** The cloud's time, skew included, milliseconds since 1970. */
  readonly now: number;
  /** Reads see the state of at most this moment (by the emulator's clock, without skew). Infinite without a stale read. */
  readonly notAfter: number;
}

export interface CloudServerOptions {
  readonly service: CloudService;
  readonly clock: Clock;
  readonly faults: FaultBoard;
  readonly journal: Journal;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Any free port unless given. */
  readonly port?: number;
  /** Opens a socket that listens on `host`, for one that is no address of this process's own network. */
  readonly openSocket?: (() => Promise<ListeningSocket>) | undefined;
  /** Added before every call, as a network would. */
  readonly latencyMs?: number;
}

export interface CloudServer {
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const CONTROL_PREFIX = "/_emulator/";
const BODY_MAX_BYTES = 1024 * 1024;

export async function startCloudServer(options: CloudServerOptions): Promise<CloudServer> {
  const connections = new WeakMap<Socket, number>();
  let accepted = 0;
  const server = createServer((request, response) => {
    handle(options, request, response, connections.get(request.socket) ?? 0).catch((error: unknown) => {
      response.writeHead(500).end(`the emulator itself failed: ${String(error)}`);
    });
  });
  // Clouds keep idle connections for minutes; Node's default of 5 s would hide a client that relies on that.
  server.keepAliveTimeout = 300_000;
  server.on("connection", (socket) => connections.set(socket, ++accepted));
  const host = options.host ?? "127.0.0.1";
  const place = (await options.openSocket?.()) ?? { host, port: options.port ?? 0 };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  options: CloudServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
  connection: number,
): Promise<void> {
  const request = await readRequest(incoming);
  if (request.path.startsWith(CONTROL_PREFIX)) {
    const path = request.path.slice(CONTROL_PREFIX.length);
    const answer = options.service.control?.(request.method, path, request.body);
    write(response, answer ?? { status: 404, body: "no such control path\n" }, options.clock.now());
    return;
  }
  const call = options.service.identify(request);
  const faults = options.faults.take(call);
  const kinds = faults.map((fault) => fault.rule.kind);
  const finish = options.journal.open({ ...call, at: options.clock.now(), connection, faults: kinds });
  finish(await answerCall(options, { request, call, faults, response }));
}

interface Exchange {
  readonly request: CloudRequest;
  readonly call: CloudCall;
  readonly faults: readonly ActiveFault[];
  readonly response: ServerResponse;
}

/** Applies the faults in the order in which a real request would meet them; gives the outcome for the journal. */
async function answerCall(options: CloudServerOptions, exchange: Exchange): Promise<string> {
  const { service, clock } = options;
  const { request, call, faults, response } = exchange;
  const hit = (kind: FaultKind) => faults.find((fault) => fault.rule.kind === kind);
  const delay = (options.latencyMs ?? 0) + (hit("delay")?.rule.delayMs ?? 0);
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  if (hit("hang")) return "hang";
  if (hit("garbage")) return write(response, GARBAGE, clock.now());
  if (hit("reset") || hit("metadata-down")) return reset(response, "reset");
  const now = clock.now() + (hit("clock-skew")?.rule.skewMs ?? 0);
  if (hit("error-500")) return write(response, service.failure("internal-error", request), now);
  if (hit("throttle")) return write(response, service.failure("throttled", request), now);
  const notAfter = hit("stale-read")?.since ?? Number.POSITIVE_INFINITY;
  const answer = service.perform(request, call, { now, notAfter });
  if (hit("lost-answer")) return reset(response, `${answer.error ?? "ok"}, answer lost`);
  return write(response, answer, now);
}

const GARBAGE: CloudAnswer = { status: 200, body: "<<{ no answer of any API", error: "garbage" };

async function readRequest(incoming: IncomingMessage): Promise<CloudRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_MAX_BYTES) throw new Error(`a request body of more than ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://emulator");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function write(response: ServerResponse, answer: CloudAnswer, now: number): string {
  response.writeHead(answer.status, {
    // SDKs correct their clock by this header, so it shows the cloud's time and not this machine's.
    date: new Date(now).toUTCString(),
    "content-length": Buffer.byteLength(answer.body).toString(),
    ...answer.headers,
  });
  response.end(answer.body);
  return answer.error ?? "ok";
}

function reset(response: ServerResponse, outcome: string): string {
  response.socket?.resetAndDestroy();
  return outcome;
}
