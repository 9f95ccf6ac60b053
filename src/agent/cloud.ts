import { setTimeout as wait } from "node:timers/promises";
import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { Readiness } from "../provider/contract.ts";
import { ProviderError } from "../provider/errors.ts";
import type { ServiceThread } from "../service/service-thread.ts";
import type { Answer } from "../service/thread-messages.ts";
import type { Operation, TakeoverAction, TakeoverNote } from "../takeover/actions.ts";
import type { CallFailure, Reading, TakeoverEvent } from "../takeover/events.ts";
import type { TakeoverSettings } from "../takeover/settings.ts";
import type { CallId, Takeover } from "../takeover/state.ts";
import { createTakeover, nextTakeoverDeadline, stepTakeover } from "../takeover/takeover.ts";
import type { Timed } from "./timed.ts";

export interface CloudPorts {
  readonly thread: Pick<ServiceThread, "call">;
  /** The provider's name in the service thread: the instance's name. */
  readonly key: string;
  readonly vips: readonly IpAddress[];
  readonly now: () => Millis;
  readonly schedule: (cloud: Cloud) => void;
  /** What the owners that a look showed mean for this node. */
  readonly read: (answer: Extract<Answer, { operation: "owner" }>["owners"]) => Reading;
  readonly onYield: (to: { readonly holder: string; readonly peer: IpAddress }) => void;
  readonly onEndHold: () => void;
  readonly report: (note: TakeoverNote) => void;
}

/** How often a planned handover looks whether the cloud has moved the addresses. */
const HANDOVER_LOOK_MS = 200;

/** The shell of one instance's takeover: carries its calls to the service thread and the answers back. */
export class Cloud implements Timed {
  readonly actsOnSilence = false;
  readonly #ports: CloudPorts;
  readonly #aborts = new Map<CallId, () => void>();
  #takeover: Takeover;
  /** The planned handover that is under way. */
  #handover: object | undefined;
  #closed = false;

  constructor(ports: CloudPorts, settings: TakeoverSettings, seed: number) {
    this.#ports = ports;
    this.#takeover = createTakeover(settings, seed, ports.now());
    ports.schedule(this);
  }

  get takeover(): Takeover {
    return this.#takeover;
  }

  deadline(): Millis | undefined {
    return this.#closed ? undefined : nextTakeoverDeadline(this.#takeover);
  }

  /** Whether an API call moves the addresses, and not gratuitous ARP. */
  get moves(): boolean {
    return this.#takeover.settings.kind === "move";
  }

  /**
   * A planned handover: claims no more, and where the API moves the addresses, calls `onMoved` once it shows them somewhere
   * else. The end of mastership ends the looks as well.
   */
  handOver(onMoved: () => void): void {
    this.dispatch({ kind: "mastership-lost" });
    if (this.moves) void this.#lookForSuccessor(onMoved);
  }

  async #lookForSuccessor(onMoved: () => void): Promise<void> {
    const { thread, key, vips, read } = this.#ports;
    const handover = {};
    this.#handover = handover;
    while (this.#handover === handover && !this.#closed) {
      const answer = await thread.call(key, "owner", vips).answer.catch(() => undefined);
      if (this.#handover !== handover) return;
      if (answer?.operation === "owner" && read(answer.owners).kind === "other") return onMoved();
      await wait(HANDOVER_LOOK_MS, undefined, { ref: false });
    }
  }

  /** The instance ends, or gets another cloud: what is under way is aborted, and its answers are dropped. */
  close(): void {
    this.#closed = true;
    for (const abort of this.#aborts.values()) abort();
  }

  tick(): void {
    this.dispatch({ kind: "tick" });
  }

  dispatch(event: TakeoverEvent): void {
    if (this.#closed) return;
    if (event.kind === "mastership-lost" || event.kind === "mastership-gained") this.#handover = undefined;
    const [next, actions] = stepTakeover(this.#takeover, event, this.#ports.now());
    this.#takeover = next;
    for (const action of actions) this.#perform(action);
    this.#ports.schedule(this);
  }

  #perform(action: TakeoverAction): void {
    switch (action.kind) {
      case "call":
        this.#call(action.call, action.operation);
        return;
      case "abort":
        this.#aborts.get(action.call)?.();
        return;
      case "yield":
        this.#ports.onYield({ holder: action.holder, peer: action.peer });
        return;
      case "end-hold":
        this.#ports.onEndHold();
        return;
      default:
        this.#ports.report(action);
    }
  }

  #call(call: CallId, operation: Operation): void {
    const { thread, key, vips } = this.#ports;
    const { answer, abort } = thread.call(key, operation, vips);
    this.#aborts.set(call, abort);
    const settle = (event: TakeoverEvent) => {
      this.#aborts.delete(call);
      this.dispatch(event);
    };
    answer.then(
      (value) => settle(this.#eventOf(call, value)),
      (error: unknown) => settle({ kind: "call-failed", call, failure: failureOf(error) }),
    );
  }

  #eventOf(call: CallId, answer: Answer): TakeoverEvent {
    switch (answer.operation) {
      case "claim":
        return { kind: "claimed", call };
      case "owner":
        return { kind: "ownership-read", call, reading: this.#ports.read(answer.owners) };
      case "rehearse":
        return { kind: "rehearsed", call, obstacles: obstaclesOf(answer.readiness) };
      case "open": {
        const failure = { retry: "soon", message: `unexpected answer to ${answer.operation}` } as const;
        return { kind: "call-failed", call, failure };
      }
    }
  }
}

/** A provider that is not ready owes a reason; one that gives none is not ready all the same. */
function obstaclesOf({ ready, obstacles }: Readiness): readonly string[] {
  if (!ready && obstacles.length === 0) return ["the provider is not ready and does not say why"];
  return obstacles.map(({ message, hint }) => `${message}; ${hint}`);
}

function failureOf(error: unknown): CallFailure {
  if (!(error instanceof ProviderError)) return { retry: "soon", message: String(error) };
  const { hint, retryAfterMs } = error.facts;
  const retryAfter = retryAfterMs === undefined ? undefined : millis(retryAfterMs);
  return { retry: error.retry, message: `${error.message}; ${hint}`, retryAfter };
}
