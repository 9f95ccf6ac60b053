/** Text at most this wide is easy to read, whatever the terminal has. */
const COMFORTABLE_COLUMNS = 120;
const LEAST_COLUMNS = 40;

export interface Wrapping {
  /** Stands before the first line; the others begin below its end. */
  readonly lead: string;
  /** How many columns `lead` takes, where colour makes it longer than it looks. @default its length */
  readonly leadWidth?: number;
  /** Of the terminal; undefined leaves the text in one line, as a file or a pipe wants it. */
  readonly columns: number | undefined;
}

/** Breaks prose between words. A word that is longer than a line, such as a path, stays whole. */
export function wrapText(text: string, { lead, leadWidth = lead.length, columns }: Wrapping): string[] {
  if (columns === undefined) return [lead + text];
  const width = Math.max(LEAST_COLUMNS, Math.min(columns, COMFORTABLE_COLUMNS)) - leadWidth;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part, index) => (index === 0 ? lead : " ".repeat(leadWidth)) + part);
}
