import { setTimeout as wait } from "node:timers/promises";
import { OperatorError } from "../../base/errors.ts";
import { openIcmpErrors } from "../../linux/icmp-errors.ts";
import { SystemCallError } from "../../linux/libc.ts";
import { openVrrpSocket } from "../../linux/open-vrrp-socket.ts";
import { openPacketCapture } from "../../linux/packet-capture.ts";
import { Prober } from "./prober.ts";
import { StreamTable } from "./stream-table.ts";
import type { WireRequest, WireView } from "./wire-view.ts";

/** When questions go out, in milliseconds since the start: an answer may be lost, but hardly three. */
const ASK_AT_MS = [0, 250, 600];
const QUESTIONS_AT_ONCE = 64;
const PAUSE_MS = 5;
const LOOK_MS = 25;
/** For the last answers. */
const LAST_WORD_MS = 100;

/**
 * Listens to VRRP on every interface of this network namespace and asks the peers' agents meanwhile. An agent that runs here
 * is not disturbed: each raw socket gets a copy of every packet.
 */
export async function watchWire(request: WireRequest): Promise<WireView> {
  const began = performance.now();
  const table = new StreamTable(request.paths);
  const prober = new Prober(request.paths, {
    now: () => performance.now(),
    send: (packet, destination) => socket.send(packet, destination),
  });
  let failure: Error | undefined;
  const onError = (error: Error) => {
    failure ??= error;
  };
  const open: { close(): void }[] = [];
  const opened = <T extends { close(): void }>(resource: T): T => {
    open.push(resource);
    return resource;
  };
  let socket: ReturnType<typeof openVrrpSocket>;
  try {
    opened(openPacketCapture({ onPacket: (packet) => table.see(packet), onError }));
    opened(openIcmpErrors((undelivered) => prober.hearOf(undelivered)));
    socket = opened(
      openVrrpSocket(
        {
          onPacket: (bytes) => {
            prober.receive(bytes);
            table.deliver(bytes);
          },
          onSendError: (error, destination) => {
            prober.sendFailed(destination, error instanceof SystemCallError ? error.code : error.message);
          },
          onError,
        },
        { adapter: "libc" },
      ),
    );
    await Promise.all([
      askAll(prober),
      listen(request, { table, prober, began, failed: () => failure !== undefined }),
    ]);
    // What a peer said at the beginning need not go with the adverts that came since.
    await ask(prober, "answered");
    await wait(LAST_WORD_MS);
  } catch (error) {
    if (error instanceof OperatorError) return { kind: "refused", why: `${error.message}; ${error.hint}` };
    throw error;
  } finally {
    for (const resource of open) resource.close();
  }
  if (failure) return { kind: "refused", why: failure.message };
  return {
    kind: "seen",
    listenedMs: performance.now() - began,
    streams: table.streams,
    omitted: table.omitted,
    probes: prober.outcomes,
  };
}

async function askAll(prober: Prober): Promise<void> {
  let waited = 0;
  for (const at of ASK_AT_MS) {
    await wait(at - waited);
    waited = at;
    await ask(prober, "silent");
  }
}

async function ask(prober: Prober, whom: Parameters<Prober["ask"]>[0]): Promise<void> {
  for (const _ of prober.ask(whom, QUESTIONS_AT_ONCE)) await wait(PAUSE_MS);
}

/** Until the time is up; longer while somebody has given no sign of life at all. */
async function listen(
  { paths, listenMs, patienceMs }: WireRequest,
  watch: { table: StreamTable; prober: Prober; began: number; failed: () => boolean },
): Promise<void> {
  const elapsed = () => performance.now() - watch.began;
  const someoneIsSilent = () => {
    const heard = new Set(watch.table.streams.map(({ source }) => source));
    return watch.prober.outcomes.some(
      ({ path, answer, undelivered }) => !answer && !undelivered && !heard.has(path.peer),
    );
  };
  while (!watch.failed() && paths.length > 0) {
    if (elapsed() >= listenMs && (elapsed() >= patienceMs || !someoneIsSilent())) return;
    await wait(LOOK_MS);
  }
}
