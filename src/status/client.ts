import { OperatorError } from "../base/errors.ts";
import { connectTo, errnoOf } from "./connection.ts";
import type { Reply } from "./protocol.ts";
import type { AgentSnapshot } from "./snapshot.ts";

export interface AskOptions {
  /** The agent's `control_socket`. */
  readonly path: string;
  /** An agent answers within milliseconds; one that needs longer is stuck. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
/** A thousand instances fill a tenth of it. */
const REPLY_LENGTH_MAX = 16 * 1024 * 1024;

/**
 * Asks the running agent for its snapshot.
 *
 * @throws {OperatorError} `status/no-agent`, `status/not-permitted`, `status/timeout`, `status/bad-reply` or `status/refused`
 */
export async function askStatus(options: AskOptions): Promise<AgentSnapshot> {
  const result = await askAgent("status", options);
  if (!isSnapshot(result))
    throw badReply(options.path, "its status has a form that this cloudvip does not know");
  return result;
}

/** Sends one command to the running agent and gives the result that it answers with. `details` is what the command takes. */
export async function askAgent(
  command: string,
  options: AskOptions,
  details: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const { path, timeoutMs = TIMEOUT_MS } = options;
  const request = `${JSON.stringify({ ...details, command })}\n`;
  const reply = parseReply(await exchange(request, { path, timeoutMs }));
  if (!reply) throw badReply(path, "what answers there is not a cloudvip agent");
  if (reply.ok) return reply.result;
  const { code, message, hint } = reply.error;
  if (hint !== undefined) throw new OperatorError({ code, message, hint });
  throw new OperatorError({
    code: "status/refused",
    message: `the agent refused \`${command}\`: ${message}`,
    hint: "Use the cloudvip version that the agent runs, and restart the agent after an upgrade.",
  });
}

/** Sends `request`, reads until the agent closes. */
async function exchange(
  request: string,
  { path, timeoutMs }: { readonly path: string; readonly timeoutMs: number },
): Promise<string> {
  const socket = await connectTo(path).catch((error: unknown) => {
    throw notConnected(path, error);
  });
  const timer = setTimeout(() => socket.destroy(timedOut(path, timeoutMs)), timeoutMs);
  try {
    socket.setEncoding("utf8");
    socket.write(request);
    let reply = "";
    for await (const text of socket) {
      reply += text;
      if (reply.length > REPLY_LENGTH_MAX) throw badReply(path, "its answer does not end");
    }
    return reply;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw badReply(path, "it broke the connection off", error);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function parseReply(text: string): Reply | undefined {
  try {
    const reply: unknown = JSON.parse(text);
    return isReply(reply) ? reply : undefined;
  } catch {
    return undefined;
  }
}

function isReply(value: unknown): value is Reply {
  if (!isRecord(value)) return false;
  if (value["ok"] === true) return "result" in value;
  const { error } = value;
  return value["ok"] === false && isRecord(error) && typeof error["message"] === "string";
}

/** The version says the rest: whoever writes version 1 writes all of it. */
function isSnapshot(value: unknown): value is AgentSnapshot {
  return isRecord(value) && value["version"] === 1 && Array.isArray(value["instances"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function notConnected(path: string, cause: unknown): OperatorError {
  const errno = errnoOf(cause);
  if (errno === "EACCES" || errno === "EPERM") {
    return new OperatorError(
      {
        code: "status/not-permitted",
        message: `no permission to talk to the agent on ${path}`,
        hint: "Ask as root, or as the user that the agent runs as: sudo cloudvip status",
      },
      { cause },
    );
  }
  return new OperatorError(
    {
      code: "status/no-agent",
      message: `no agent answers on ${path} (${errno ?? "no connection"})`,
      hint: "Start it with `systemctl start cloudvip` and see `journalctl -u cloudvip` if it ends again; if its control_socket is elsewhere, name it with --socket.",
    },
    { cause },
  );
}

function timedOut(path: string, timeoutMs: number): OperatorError {
  return new OperatorError({
    code: "status/timeout",
    message: `the agent on ${path} did not answer within ${timeoutMs / 1000} s`,
    hint: "The process lives but is stuck or stopped: see `systemctl status cloudvip`, and restart it if it stays so.",
  });
}

function badReply(path: string, why: string, cause?: unknown): OperatorError {
  return new OperatorError(
    {
      code: "status/bad-reply",
      message: `no sense in the answer on ${path}: ${why}`,
      hint: "Check that --socket names the agent's control_socket, and that the agent is of this version of cloudvip.",
    },
    { cause },
  );
}
