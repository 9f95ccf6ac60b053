import { LineReader } from "./line-reader.ts";

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

interface Gap {
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

/** Reads what `fping --loop --timestamp` prints, piece by piece. */
export class FpingReader {
  readonly answers: Answer[] = [];
  /** The number of probes sent, from the summary that fping prints at its end. */
  sent: number | undefined;
  readonly #lines = new LineReader();

  feed(text: string): void {
    for (const line of this.#lines.feed(text)) this.#readLine(line);
  }

  #readLine(line: string): void {
    const answer = /^\[(\d+\.\d+)\] \S+ : \[(\d+)\], \d+ bytes/.exec(line);
    if (answer) this.answers.push({ sequence: Number(answer[2]) + 1, atMs: Number(answer[1]) * 1000 });
    const summary = /xmt\/rcv\/%loss = (\d+)\//.exec(line);
    if (summary) this.sent = Number(summary[1]);
  }
}
