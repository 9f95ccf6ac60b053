/** Cuts text to so many UTF-8 bytes, between characters, with an ellipsis where something is missing. */
export function cutBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const ellipsis = "…";
  const bytes = Buffer.from(text).subarray(0, Math.max(0, bytesMax - Buffer.byteLength(ellipsis)));
  // A character that was cut in two decodes to U+FFFD; whole ones of that kind are no loss.
  return `${bytes.toString("utf8").replace(/\uFFFD+$/u, "")}${ellipsis}`;
}

/** Cuts text to so many UTF-16 units, which is how Slack and PagerDuty count, without leaving half a pair. */
export function cutCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** One line without control characters: what a check printed must not lay out the message. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, " ").trim();
}

/**
 * Text that no dialect of Markdown takes for markup, a link or a mention: what a check printed comes from elsewhere. The marks
 * are replaced by look-alikes because the dialects of the chat tools do not agree on how to escape them.
 */
export function inert(text: string): string {
  return oneLine(text).replace(/[[\]<>*`~#@\\|]/g, (mark) => LOOK_ALIKES[mark] ?? mark);
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  "[": "［",
  "]": "］",
  "<": "＜",
  ">": "＞",
  "*": "＊",
  "`": "'",
  "~": "～",
  "#": "＃",
  "@": "＠",
  "\\": "＼",
  "|": "｜",
};
