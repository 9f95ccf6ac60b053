import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { messageOf } from "../base/errors.ts";
import type { IpAddress } from "../base/ip.ts";
import type { NotifyConfig } from "../config/notify-config.ts";
import type { Occurrence } from "../notify/notification.ts";
import { ProviderError, type ProviderErrorFacts } from "../provider/errors.ts";
import type { ChannelSnapshot } from "../status/snapshot.ts";
import { Outbox } from "./outbox.ts";
import type {
  Answer,
  FromService,
  OpenRequest,
  ProviderKey,
  ServiceCall,
  ToService,
} from "./thread-messages.ts";

/** A sign of life is asked for so often; the answer takes a fraction of a millisecond in a thread that lives. */
const PING_MS = 1_000;
/** Loading an SDK blocks the thread for half a second on a slow machine, a parse of a large answer for less. */
const STALLED_AFTER_MS = 10_000;
/** A thread that dies at once is not started in a loop. */
const RESTART_MS = 1_000;
/** A program of the exec provider has half a second to end by itself. */
const END_MS = 1_500;
/** The SDK of one cloud takes about 20 MB; a leak must not take the elections down with it. */
const HEAP_MB = 256;
/** Calls are few and their answers small: V8 would take 48 before it looks for what is garbage. */
const YOUNG_HEAP_MB = 6;

export interface ServiceThreadEvents {
  readonly log: (line: Omit<Extract<FromService, { kind: "log" }>, "kind">) => void;
  /** The thread died or stalled and was started anew; calls under way have failed. */
  readonly onRestart: (why: string) => void;
}

type Pending = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ProviderError) => void;
};

/**
 * The election thread's side of the service thread. Nothing here waits or throws: a thread that died or stalls fails its
 * calls and is started again with the same providers, while elections go on.
 */
export class ServiceThread {
  readonly #events: ServiceThreadEvents;
  readonly #opened = new Map<ProviderKey, OpenRequest>();
  readonly #pending = new Map<number, Pending>();
  readonly #outbox: Outbox;
  /** Undefined between the end of one thread and the start of the next. */
  #worker: Worker | undefined;
  #lastId = 0;
  #pings = { sent: 0, answered: 0 };
  #watch: NodeJS.Timeout;
  #closed = false;
  #channels: readonly ChannelSnapshot[] = [];

  constructor(events: ServiceThreadEvents) {
    this.#events = events;
    this.#outbox = new Outbox(
      (message) => this.#send(message),
      () =>
        events.log({
          level: "warn",
          message: "dropped a notification: the service thread takes none",
          facts: {},
        }),
    );
    this.#worker = this.#spawn();
    this.#watch = setInterval(() => this.#checkPulse(), PING_MS);
    this.#watch.unref();
  }

  /**
   * Loads a provider and gives it its options.
   *
   * @throws {ProviderError} `misconfigured` with every mistake in the options
   */
  async open(request: OpenRequest): Promise<Extract<Answer, { operation: "open" }>["kind"]> {
    const answer = await this.#ask((id) => ({ kind: "open", id, request })).answer;
    // Not before it works: what is refused leaves the provider before it in place, in the next thread as well.
    this.#opened.set(request.key, request);
    return (answer as Extract<Answer, { operation: "open" }>).kind;
  }

  close(key: ProviderKey): void {
    this.#opened.delete(key);
    this.#send({ kind: "close", key });
  }

  /** Makes one call; `abort` ends it early, and its answer rejects. */
  call(
    key: ProviderKey,
    operation: ServiceCall["operation"],
    vips: readonly IpAddress[],
  ): { readonly answer: Promise<Answer>; readonly abort: () => void } {
    const { id, answer } = this.#ask((callId) => ({
      kind: "call",
      call: { id: callId, key, operation, vips },
    }));
    return { answer, abort: () => this.#send({ kind: "abort", id }) };
  }

  /** Opens the channels to people, or changes them. */
  configureNotify(config: NotifyConfig): void {
    this.#outbox.configure(config);
  }

  /** How it stood with the channels when the thread last gave a sign of life. */
  get channels(): readonly ChannelSnapshot[] {
    return this.#channels;
  }

  /** Lets people know, where it is worth that. */
  tell(occurrence: Occurrence): void {
    this.#outbox.tell(occurrence);
  }

  /** Ends the thread, after a moment for what people should know before, and for the providers' own programs to end. */
  async end(): Promise<void> {
    await this.#outbox.drain();
    this.#closed = true;
    clearInterval(this.#watch);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    this.#send({ kind: "end" });
    await Promise.race([ended, wait(END_MS, undefined, { ref: false })]);
    await worker.terminate();
    this.#worker = undefined;
    this.#failPending("it has ended");
  }

  #ask(message: (id: number) => ToService): { readonly id: number; readonly answer: Promise<Answer> } {
    const id = ++this.#lastId;
    if (!this.#worker)
      return { id, answer: Promise.reject(new ProviderError(threadLost("it is not running"))) };
    const answer = new Promise<Answer>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#send(message(id));
    return { id, answer };
  }

  #send(message: ToService): void {
    this.#worker?.postMessage(message);
  }

  #spawn(): Worker {
    // Compiled, this file and the worker's lie side by side, and both end in .js.
    const worker = new Worker(new URL("./service-worker.js", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
      // What a library prints is no log line of ours, and may hold secrets.
      stdout: true,
      stderr: true,
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.unref();
    worker.on("message", (message: FromService) => this.#receive(message));
    worker.on("error", (error) => this.#replace(worker, `the service thread failed: ${error.message}`));
    worker.on("exit", (code) => this.#replace(worker, `the service thread ended with code ${code}`));
    return worker;
  }

  #receive(message: FromService): void {
    switch (message.kind) {
      case "answer":
        this.#settle(message.id, ({ resolve }) => resolve(message.value));
        return;
      case "failure":
        this.#settle(message.id, ({ reject }) => reject(new ProviderError(message.failure)));
        return;
      case "told":
        this.#outbox.told(message.id);
        return;
      case "drained":
        this.#outbox.drained();
        return;
      case "pong":
        this.#pings.answered = message.count;
        this.#channels = message.channels;
        return;
      case "log":
        this.#events.log(message);
    }
  }

  #settle(id: number, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) how(pending);
  }

  #checkPulse(): void {
    const missed = (this.#pings.sent - this.#pings.answered) * PING_MS;
    if (this.#worker && missed >= STALLED_AFTER_MS) {
      this.#replace(this.#worker, `the service thread did not answer for ${missed / 1000} s`);
      return;
    }
    this.#pings.sent++;
    this.#send({ kind: "ping", count: this.#pings.sent });
  }

  /** Once for each thread: an error is followed by an exit. */
  #replace(worker: Worker, why: string): void {
    if (this.#closed || worker !== this.#worker) return;
    this.#worker = undefined;
    void worker.terminate();
    this.#pings = { sent: 0, answered: 0 };
    setTimeout(() => this.#restart(why), RESTART_MS).unref();
    this.#failPending(why);
  }

  #failPending(why: string): void {
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of lost) reject(new ProviderError(threadLost(why)));
  }

  #restart(why: string): void {
    if (this.#closed) return;
    this.#worker = this.#spawn();
    for (const request of this.#opened.values()) void this.#reopen(request);
    this.#outbox.startOver();
    this.#events.onRestart(why);
  }

  /** It worked before; if it does not now, every call says so, and this line says why. */
  async #reopen(request: OpenRequest): Promise<void> {
    try {
      await this.#ask((id) => ({ kind: "open", id, request })).answer;
    } catch (error) {
      const message = `the provider could not be opened again: ${messageOf(error)}`;
      this.#events.log({ level: "warn", message, facts: { instance: request.key, provider: request.name } });
    }
  }
}

function threadLost(why: string): ProviderErrorFacts {
  return {
    kind: "unreachable",
    operation: "service thread",
    message: why,
    hint: "it is started again by itself",
  };
}
