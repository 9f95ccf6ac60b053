import type { IpAddress } from "../../base/ip.ts";
import type { Check, CheckPorts, EchoReply, Finding } from "../check.ts";
import type { TimeLimit } from "../time-limit.ts";

/** Between two echo requests of one run. */
const SPACING_MS = 10;
/** As the field in the message (RFC 792). */
const SEQUENCES = 0x1_0000;

/** The pings of all checks, through one socket, which is opened with the first. */
export class Pinger {
  readonly #openIcmp: CheckPorts["openIcmp"];
  /** By sequence number. */
  readonly #awaited = new Map<number, { readonly from: IpAddress; readonly onReply: () => void }>();
  #socket: ReturnType<CheckPorts["openIcmp"]> | undefined;
  #sequence = 0;

  constructor(openIcmp: CheckPorts["openIcmp"]) {
    this.#openIcmp = openIcmp;
  }

  /** @returns the sequence number to {@link forget}, or why nothing was sent */
  send(address: IpAddress, onReply: () => void): number | string {
    this.#socket ??= this.#openIcmp((reply) => this.#heard(reply));
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    const refusal = this.#socket.ping(address, this.#sequence);
    if (refusal !== undefined) return refusal;
    this.#awaited.set(this.#sequence, { from: address, onReply });
    return this.#sequence;
  }

  forget(sequences: readonly number[]): void {
    for (const sequence of sequences) this.#awaited.delete(sequence);
  }

  close(): void {
    this.#socket?.close();
  }

  #heard({ from, sequence }: EchoReply): void {
    const awaited = this.#awaited.get(sequence);
    if (awaited?.from !== from) return;
    this.#awaited.delete(sequence);
    awaited.onReply();
  }
}

export interface PingSettings {
  readonly address: IpAddress;
  readonly count: number;
  /** Percent of `count`; so much or more has failed. */
  readonly loss: number;
}

/** Several echo requests a run; what was not answered at the timeout is lost. */
export class PingCheck implements Check {
  readonly #settings: PingSettings;
  readonly #pinger: Pinger;

  constructor(settings: PingSettings, pinger: Pinger) {
    this.#settings = settings;
    this.#pinger = pinger;
  }

  run(limit: TimeLimit): Promise<Finding> {
    const { address, count } = this.#settings;
    const sent: number[] = [];
    let answered = 0;
    let refusal: string | undefined;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearInterval(timer);
        this.#pinger.forget(sent);
        resolve(this.#judge(answered, refusal));
      };
      const onReply = () => {
        answered += 1;
        if (answered === count) end();
      };
      let tries = 0;
      const sendOne = () => {
        const outcome = this.#pinger.send(address, onReply);
        if (typeof outcome === "number") sent.push(outcome);
        else refusal = outcome;
        tries += 1;
        if (tries === count) clearInterval(timer);
      };
      const timer = count > 1 ? setInterval(sendOne, SPACING_MS) : undefined;
      limit.onEnd(end);
      try {
        sendOne();
      } catch (error) {
        clearInterval(timer);
        reject(error);
      }
    });
  }

  #judge(answered: number, refusal: string | undefined): Finding {
    const { count, loss } = this.#settings;
    const lost = ((count - answered) / count) * 100;
    const why = refusal === undefined ? "" : ` (${refusal})`;
    return { ok: lost < loss, detail: `${count - answered} of ${count} pings lost${why}` };
  }
}
