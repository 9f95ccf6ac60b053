import { setTimeout as wait } from "node:timers/promises";
import { OperatorError } from "../../base/errors.ts";
import { openIcmpErrors } from "../../linux/icmp-errors.ts";
import { SystemCallError } from "../../linux/libc.ts";
import { openVrrpSocket } from "../../linux/open-vrrp-socket.ts";
import { openPacketCapture } from "../../linux/packet-capture.ts";
import { Prober, type Send } from "./prober.ts";
import { StreamTable } from "./stream-table.ts";
import type { WireRequest, WireView } from "./wire-view.ts";

/** When questions go out, in milliseconds since the start: an answer may be lost, but hardly three. */
const ASK_AT_MS = [0, 250, 600];
const PAUSE_MS = 5;
const LOOK_MS = 25;
/** For the last answers. */
const LAST_WORD_MS = 100;

/**
 * Listens to VRRP on every interface of this network namespace and asks the peers' agents meanwhile. An agent that runs here
 * is not disturbed: each raw socket gets a copy of every packet.
 */
export async function watchWire(request: WireRequest): Promise<WireView> {
  const watch = new Watch(request);
  try {
    watch.open();
    await Promise.all([watch.askThrice(), watch.listen()]);
    await watch.askAgain();
  } catch (error) {
    if (error instanceof OperatorError) return { kind: "refused", why: `${error.message}; ${error.hint}` };
    throw error;
  } finally {
    watch.close();
  }
  return watch.view();
}

class Watch {
  readonly #request: WireRequest;
  readonly #table: StreamTable;
  readonly #prober: Prober;
  readonly #began = performance.now();
  readonly #open: { close(): void }[] = [];
  #send: Send = () => {};
  #failure: Error | undefined;

  constructor(request: WireRequest) {
    this.#request = request;
    this.#table = new StreamTable(request.paths);
    this.#prober = new Prober(request.paths, { now: () => performance.now() });
  }

  /** @throws {OperatorError} `linux/no-cap-net-raw` or `linux/socket-refused`; what is open by then is for {@link close} */
  open(): void {
    const onError = (error: Error) => {
      this.#failure ??= error;
    };
    this.#open.push(openPacketCapture({ onPacket: (packet) => this.#table.see(packet), onError }));
    this.#open.push(openIcmpErrors((undelivered) => this.#prober.hearOf(undelivered)));
    const onPacket = (bytes: Uint8Array) => {
      this.#prober.receive(bytes);
      this.#table.deliver(bytes);
    };
    const onSendError: Parameters<typeof openVrrpSocket>[0]["onSendError"] = (error, destination) =>
      this.#prober.sendFailed(destination, error instanceof SystemCallError ? error.code : error.message);
    const socket = openVrrpSocket({ onPacket, onSendError, onError }, { adapter: "libc" });
    this.#open.push(socket);
    this.#send = (packet, destination) => socket.send(packet, destination);
  }

  close(): void {
    for (const each of this.#open) each.close();
  }

  async askThrice(): Promise<void> {
    let waited = 0;
    for (const at of ASK_AT_MS) {
      await wait(at - waited);
      waited = at;
      await this.#ask("silent");
    }
  }

  /** What a peer said at the beginning need not go with the adverts that came since. */
  async askAgain(): Promise<void> {
    await this.#ask("answered");
    await wait(LAST_WORD_MS);
  }

  /** Until the time is up; longer while somebody has given no sign of life at all. */
  async listen(): Promise<void> {
    const { listenMs, patienceMs } = this.#request;
    while (!this.#failure) {
      const elapsed = performance.now() - this.#began;
      if (elapsed >= listenMs && (elapsed >= patienceMs || !this.#someoneIsSilent())) return;
      await wait(LOOK_MS);
    }
  }

  view(): WireView {
    if (this.#failure) return { kind: "refused", why: this.#failure.message };
    return {
      kind: "seen",
      listenedMs: performance.now() - this.#began,
      streams: this.#table.streams,
      omitted: this.#table.omitted,
      probes: this.#prober.outcomes,
    };
  }

  async #ask(whom: "silent" | "answered"): Promise<void> {
    for (const _ of this.#prober.ask(whom, this.#send)) await wait(PAUSE_MS);
  }

  #someoneIsSilent(): boolean {
    const heard = new Set(this.#table.streams.map(({ source }) => source));
    return this.#prober.outcomes.some(
      ({ path, answer, undelivered }) => !answer && !undelivered && !heard.has(path.peer),
    );
  }
}
