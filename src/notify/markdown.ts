import type { Message } from "./channels/channel-type.ts";
import { cutBytes, inert, oneLine } from "./text.ts";
import type { Report } from "./wording/report.ts";

/** How one chat tool writes bold text and a line of a list. */
export interface Dialect {
  readonly bold: (text: string) => string;
  readonly line: (text: string) => string;
  /** Makes what comes from elsewhere harmless. */
  readonly inert: (text: string) => string;
}

/** A value is cut here, so that one long error does not push the advice out. */
const VALUE_BYTES_MAX = 600;

/** The heading of a message: the report's title, or how many there are. */
export function headingOf({ reports, phrases, notifications }: Message): string {
  const [report] = reports;
  const node = notifications[0]?.node ?? "";
  if (report && reports.length === 1) return oneLine(report.title);
  return phrases.several(reports.length, node);
}

/** The body of a message without its heading, of whole lines within `bytesMax` bytes: one report in full, several as a list. */
export function bodyOf({ reports, phrases, dropped }: Message, dialect: Dialect, bytesMax: number): string {
  const [report] = reports;
  const first = dropped > 0 ? [dialect.line(phrases.dropped(dropped))] : [];
  const rest =
    report && reports.length === 1
      ? factLines(report, dialect)
      : reports.map((each) => titleLine(each, dialect));
  return fitLines([...first, ...rest], bytesMax, (count) => dialect.line(phrases.more(count)));
}

function factLines({ facts }: Report, { bold, line, inert: harmless }: Dialect): readonly string[] {
  return facts.map(({ label, value }) =>
    line(`${bold(label)}: ${cutBytes(harmless(value), VALUE_BYTES_MAX)}`),
  );
}

function titleLine({ time, title, facts }: Report, { bold, line, inert: harmless }: Dialect): string {
  const why = facts[0]?.value ?? "";
  return line(
    `${time.slice(11, 19)} ${bold(harmless(title))}: ${cutBytes(harmless(why), VALUE_BYTES_MAX / 3)}`,
  );
}

/** As many whole lines as fit, and how many did not. */
function fitLines(lines: readonly string[], bytesMax: number, more: (count: number) => string): string {
  const whole = lines.join("\n");
  if (Buffer.byteLength(whole) <= bytesMax) return whole;
  const room = bytesMax - Buffer.byteLength(more(lines.length)) - 1;
  const fitting: string[] = [];
  let size = 0;
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1;
    if (size > room) break;
    fitting.push(line);
  }
  return [...fitting, more(lines.length - fitting.length)].join("\n");
}

export const MARKDOWN: Dialect = { bold: (text) => `**${text}**`, line: (text) => `- ${text}`, inert };
