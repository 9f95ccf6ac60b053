/** A physical line without its comment and outer blanks. */
export interface Decommented {
  readonly text: string;
  /** True when a `"` is left open. */
  readonly unbalanced: boolean;
  /** Set when a comment starts inside a word, such as `auth_pass a#b`: it is rarely meant. */
  readonly cutWord: CommentStart | undefined;
  /** Set when a backslash saved one of the characters from starting a comment. */
  readonly escaped: CommentStart | undefined;
}

export type CommentStart = "#" | "!";

/** Blanks within a line, as keepalived's decomment() sees them. */
const BLANK = /[ \t]/;

/**
 * Strips the comment of one line. `#` and `!` begin one anywhere except inside double quotes; single quotes do not protect;
 * `\#` and `\!` outside double quotes are the characters themselves. A line that ends in a backslash keeps it, even behind a
 * comment, because it may continue a definition.
 */
export function decomment(line: string): Decommented {
  let kept = "";
  let quoted = false;
  let comment: CommentStart | undefined;
  let escaped: CommentStart | undefined;
  let continued = false;
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    const next = line.charAt(index + 1);
    if (char === "\\" && next === "") {
      continued = true;
    } else if (char === "\\") {
      index++;
      if (comment !== undefined) continue;
      const saved = !quoted && isCommentStart(next);
      if (saved) escaped = next;
      kept += saved ? next : char + next;
    } else if (comment === undefined && !quoted && isCommentStart(char)) {
      comment = char;
    } else if (comment === undefined) {
      if (char === '"') quoted = !quoted;
      kept += char;
    }
  }
  const cutWord = kept !== "" && !/[\s{}]$/.test(kept) ? comment : undefined;
  const text = trimBlanks(kept);
  return { text: continued ? `${text}\\` : text, unbalanced: quoted, cutWord, escaped };
}

/** Without the spaces and tabs at both ends. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  while (end > start && BLANK.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function isCommentStart(char: string): char is CommentStart {
  return char === "#" || char === "!";
}
