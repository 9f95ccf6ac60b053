/**
 * The agent's control socket. It shares a thread with the election, so everything about it is bounded: few connections, short
 * requests, little time; and after the start it touches no file.
 */
import { lstat, mkdir, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { connectTo, errnoOf } from "./connection.ts";
import { REQUEST_BYTES_MAX, type Reply } from "./protocol.ts";
import type { AgentSnapshot } from "./snapshot.ts";

export interface StatusServer {
  /** Ends what is open and removes the socket file. */
  close(): Promise<void>;
}

export interface StatusServerOptions {
  /** Of the socket file; its directory is created when missing. */
  readonly path: string;
  readonly snapshot: () => AgentSnapshot;
  /** Further commands by name; what they return is the reply's result, and an OperatorError is the client's to read. */
  readonly commands?: Readonly<Record<string, Command>>;
  /** Told of failures that concern the socket itself; the agent goes on without it. */
  readonly onError: (error: Error) => void;
}

/** Operators and a monitoring agent or two, not a crowd. */
const CONNECTIONS_MAX = 16;
/** From the connection to its end, for the request and for the reply together. */
const CONNECTION_MS_MAX = 2_000;

/** `sun_path` of unix(7) without its last zero. Node cuts a longer path off and listens somewhere else. */
const PATH_BYTES_MAX = 107;

/** Answers one request: the whole JSON object, whose `command` is its name. */
export type Command = (request: Readonly<Record<string, unknown>>) => unknown;

/**
 * Opens the control socket, readable for its owner only. A socket file that a dead agent left is replaced.
 * Only for the main thread, because it sets the process's umask for a moment.
 *
 * @throws {OperatorError} `agent/already-running` when another agent answers there, `status/socket-path` when the place
 *   cannot be used
 */
export async function openStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { path, onError } = options;
  const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
    ["status", options.snapshot],
    ...Object.entries(options.commands ?? {}),
  ]);
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    converse(socket, { commands, onError });
  });
  server.maxConnections = CONNECTIONS_MAX;
  await mkdir(dirname(path), { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw unusable(path, error);
  });
  await bind(server, path);
  server.on("error", onError);
  return { close: () => closeAll(server, connections) };
}

async function bind(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw unusable(path, new Error(`its path has more than ${PATH_BYTES_MAX} bytes`));
  }
  try {
    await listen(server, path);
  } catch (error) {
    if (errnoOf(error) !== "EADDRINUSE") throw unusable(path, error);
    await removeStale(path);
    await listen(server, path).catch((again: unknown) => {
      throw unusable(path, again);
    });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The file must never have been open to others, so the mode is set before it exists, not after.
    const umask = process.umask(0o177);
    try {
      server.listen({ path }, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

/** Removes the socket file of a dead process. A process that lives accepts the connection, even one that is frozen. */
async function removeStale(path: string): Promise<void> {
  const file = await lstat(path).catch((error: unknown) => {
    throw unusable(path, error);
  });
  if (!file.isSocket()) throw unusable(path, new Error("there is a file of another kind"));
  try {
    (await connectTo(path)).destroy();
  } catch (error) {
    if (errnoOf(error) !== "ECONNREFUSED") throw unusable(path, error);
    await unlink(path).catch((failure: unknown) => {
      throw unusable(path, failure);
    });
    return;
  }
  throw new OperatorError({
    code: "agent/already-running",
    message: `another agent is running on this host: it answers on ${path}`,
    hint: "Stop it first (systemctl stop cloudvip), or give this one a control_socket of its own.",
  });
}

function unusable(path: string, cause: unknown): OperatorError {
  return new OperatorError(
    {
      code: "status/socket-path",
      message: `cannot open the control socket ${path}: ${messageOf(cause)}`,
      hint: "Let control_socket name a file in a directory that the agent's user may write to, such as /run/cloudvip.",
    },
    { cause },
  );
}

interface Service {
  readonly commands: ReadonlyMap<string, Command>;
  readonly onError: (error: Error) => void;
}

/** Reads one line, answers it, ends. */
function converse(socket: Socket, service: Service): void {
  const deadline = setTimeout(() => socket.destroy(), CONNECTION_MS_MAX);
  deadline.unref();
  socket.once("close", () => clearTimeout(deadline));
  // A client that leaves early is its own business.
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8");
  let received = "";
  const finish = (reply: Reply) => {
    socket.off("data", onData);
    socket.resume();
    socket.end(`${JSON.stringify(reply)}\n`);
  };
  const onData = (text: string) => {
    received += text;
    const end = received.indexOf("\n");
    if (end >= 0 && end <= REQUEST_BYTES_MAX) finish(answer(received.slice(0, end), service));
    else if (received.length > REQUEST_BYTES_MAX)
      finish(failure("request-too-long", "the request is too long"));
  };
  socket.on("data", onData);
  socket.once("end", () => socket.end());
}

function answer(line: string, { commands, onError }: Service): Reply {
  const request = requestOf(line);
  if (!request) {
    return failure("bad-request", 'the request is not of the form {"command":"status"}');
  }
  const command = commands.get(request.command);
  if (!command) {
    return failure("unknown-command", `this agent knows only: ${[...commands.keys()].join(", ")}`);
  }
  try {
    return { ok: true, result: command(request) };
  } catch (error) {
    if (error instanceof OperatorError) return failure(error.code, error.message, error.hint);
    onError(error instanceof Error ? error : new Error(messageOf(error)));
    return failure("internal", "the agent could not answer; its log says why");
  }
}

function requestOf(line: string): ({ readonly command: string } & Record<string, unknown>) | undefined {
  try {
    const request: unknown = JSON.parse(line);
    if (typeof request !== "object" || request === null || !("command" in request)) return undefined;
    return typeof request.command === "string" ? { ...request, command: request.command } : undefined;
  } catch {
    return undefined;
  }
}

function failure(code: string, message: string, hint?: string): Reply {
  return { ok: false, error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** Closing the server unlinks the file, which is libuv's doing. */
function closeAll(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of connections) socket.destroy();
  });
}
