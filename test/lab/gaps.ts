/** What a series of probes says about the service it asked. Times are milliseconds since 1970. */
export interface ProbeResult {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Each time in which at least one probe was lost, in order. */
  readonly gaps: readonly Gap[];
  /** Zero when nothing was lost. */
  readonly longestGapMs: number;
  /**
   * The longest time between two answers with no probe lost in between: how late the prober itself was. A measurement is
   * worth as much as this is small against its gaps.
   */
  readonly longestStallMs: number;
}

export interface Gap {
  /** The last answer before. */
  readonly fromMs: number;
  /** The first answer after. */
  readonly toMs: number;
  readonly ms: number;
  readonly lost: number;
}

export interface Answer {
  /** Counts the probes from 1. */
  readonly sequence: number;
  readonly atMs: number;
}

/**
 * Finds the gaps in a series of answered probes. A probe series that ended unanswered has a last gap up to `endedAtMs`,
 * for a service that never came back must not look like one that never left.
 */
export function findGaps(series: {
  readonly answers: readonly Answer[];
  readonly sent: number;
  readonly endedAtMs: number;
}): ProbeResult {
  const { answers, sent, endedAtMs } = series;
  const gaps: Gap[] = [];
  let longestStallMs = 0;
  const closing = { sequence: sent + 1, atMs: endedAtMs };
  for (const [index, before] of answers.entries()) {
    const next = answers[index + 1] ?? closing;
    const lost = next.sequence - before.sequence - 1;
    const ms = next.atMs - before.atMs;
    if (lost > 0) gaps.push({ fromMs: before.atMs, toMs: next.atMs, ms, lost });
    else if (next !== closing) longestStallMs = Math.max(longestStallMs, ms);
  }
  return {
    sent,
    answered: answers.length,
    lost: sent - answers.length,
    gaps,
    longestGapMs: Math.max(0, ...gaps.map(({ ms }) => ms)),
    longestStallMs,
  };
}

/** Reads what `ping -D` prints, piece by piece. Duplicates count once. */
export class PingReader {
  readonly answers: Answer[] = [];
  /** The number of probes sent, from the summary that `ping` prints at its end. */
  sent: number | undefined;
  #unfinishedLine = "";

  feed(text: string): void {
    const lines = (this.#unfinishedLine + text).split("\n");
    this.#unfinishedLine = lines.pop() ?? "";
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    const answer = /^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) .*time=/.exec(line);
    if (answer) {
      const previous = this.answers.at(-1)?.sequence ?? 0;
      const sequence = unwrap(Number(answer[2]), previous);
      if (sequence > previous) this.answers.push({ sequence, atMs: Number(answer[1]) * 1000 });
    }
    const summary = /^(\d+) packets transmitted/.exec(line);
    if (summary) this.sent = Number(summary[1]);
  }
}

const SEQUENCE_SPAN = 0x1_0000;

/** ICMP sequence numbers have 16 bits: at one probe every 2 ms they start again after two minutes. */
function unwrap(sequence: number, previous: number): number {
  const laps = Math.floor(previous / SEQUENCE_SPAN);
  const candidate = laps * SEQUENCE_SPAN + sequence;
  return candidate < previous - SEQUENCE_SPAN / 2 ? candidate + SEQUENCE_SPAN : candidate;
}
