import { FpingReader, findGaps, type ProbeResult } from "./gaps.ts";
import { Host } from "./host.ts";
import type { RunningProcess } from "./process.ts";
import { waitFor } from "./wait-for.ts";

/** An answer later than that is none. Generous: a slow answer on a busy machine is not a loss of the service. */
const ANSWER_TIMEOUT_MS = 1000;

/** A machine that uses the service. */
export class Client extends Host {
  /**
   * Starts to probe `address` every `intervalMs` with ICMP echo requests. Resolves with the first answer, so that what is
   * measured is the loss of a service that was there.
   */
  async probe(address: string, options: { readonly intervalMs?: number } = {}): Promise<Probe> {
    const intervalMs = options.intervalMs ?? 2;
    // Not ping: it spins the processor at such intervals, and slows down to one probe in 10 ms as soon as one stays
    // unanswered, which is when precision matters. An instrument goes first, so that a busy machine does not blur it.
    const pace = ["-i", "1", "-p", String(intervalMs), "-t", String(ANSWER_TIMEOUT_MS)];
    const fping = this.spawn(["nice", "-n", "-15", "fping", "--loop", "--timestamp", ...pace, address]);
    const probe = new Probe(fping);
    await waitFor(() => probe.peek().answered > 0, {
      what: `the first answer of ${address} to ${this.name}`,
      seen: () => fping.stdout().slice(-1000) + fping.stderr(),
    });
    return probe;
  }

  /** Which MAC address the client would send to for `address`, as its neighbour table says. */
  async neighbour(address: string): Promise<string | undefined> {
    const text = await this.ip("-j", "neighbour", "show", address);
    const [entry] = JSON.parse(text || "[]") as { lladdr?: string }[];
    return entry?.lladdr;
  }
}

/** A running series of probes. */
export class Probe {
  readonly #fping: RunningProcess;
  readonly #reader = new FpingReader();

  constructor(fping: RunningProcess) {
    this.#fping = fping;
    fping.onStdout((chunk) => this.#reader.feed(chunk.toString()));
  }

  /** What was measured up to the last answer. */
  peek(): ProbeResult {
    const { answers } = this.#reader;
    const last = answers.at(-1) ?? { sequence: 0, atMs: 0 };
    return findGaps({ answers, sent: last.sequence, endedAtMs: last.atMs });
  }

  /** Waits until a time of at least `atLeastMs` without any answer has ended, since the probing began. */
  async recovered(
    options: { readonly atLeastMs?: number; readonly deadlineMs?: number } = {},
  ): Promise<ProbeResult> {
    const atLeastMs = options.atLeastMs ?? 20;
    return await waitFor(
      () => {
        const result = this.peek();
        return result.longestGapMs >= atLeastMs && result;
      },
      {
        what: `an outage of at least ${atLeastMs} ms to end`,
        deadlineMs: options.deadlineMs ?? 15_000,
        pollMs: 20,
        seen: () => this.peek(),
      },
    );
  }

  async stop(): Promise<ProbeResult> {
    await this.#fping.stop("SIGINT");
    const { answers, sent } = this.#reader;
    return findGaps({ answers, sent: sent ?? answers.at(-1)?.sequence ?? 0, endedAtMs: Date.now() });
  }
}
