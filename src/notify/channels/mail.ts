import { seconds } from "../../base/units.ts";
import { bodyOf, type Dialect, headingOf } from "../markdown.ts";
import { cutCharacters, oneLine } from "../text.ts";
import { worstOf } from "../wording/report.ts";
import type { Message, Rate } from "./channel-type.ts";

const SUBJECT_CHARACTERS_MAX = 150;
const TEXT_BYTES_MAX = 64 * 1024;

const PLAIN: Dialect = { bold: (text) => text, line: (text) => text, inert: oneLine };

export interface MailText {
  readonly subject: string;
  readonly text: string;
  /** Names the notification, so that a copy is recognised as one. */
  readonly messageId: string;
}

export const MAIL_RATE: Rate = { perMinute: 10, gap: seconds(1) };
export const MAIL_BATCH_MAX = 100;

/** A message as mail: plain text, which every reader shows. */
export function mailOf(message: Message): MailText {
  const heading = headingOf(message);
  const severity = message.phrases.severity[worstOf(message.reports)];
  const id = message.notifications.at(-1)?.id ?? "none";
  return {
    subject: cutCharacters(`[cloudvip ${severity}] ${heading}`, SUBJECT_CHARACTERS_MAX),
    text: `${heading}\n\n${bodyOf(message, PLAIN, TEXT_BYTES_MAX)}\n`,
    messageId: `<${id}@cloudvip>`,
  };
}
