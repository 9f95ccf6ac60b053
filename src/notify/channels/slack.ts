import { seconds } from "../../base/units.ts";
import { judgeStatus, postJson, shown } from "../http-message.ts";
import { bodyOf, type Dialect, headingOf } from "../markdown.ts";
import { cutCharacters, oneLine } from "../text.ts";
import type { HttpChannelType } from "./channel-type.ts";

const HEADER_CHARACTERS_MAX = 150;
/** 3,000 characters, counted before Slack takes the escapes back; bytes are never fewer. */
const SECTION_BYTES_MAX = 2_900;

/** Slack's own rule: these three begin links, mentions and entities. Bold text and code are marks at worst. */
function escaped(text: string): string {
  return oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const MRKDWN: Dialect = { bold: (text) => `*${text}*`, line: (text) => `• ${text}`, inert: escaped };

/** An incoming webhook of Slack, or of a tool that takes the same, such as Mattermost. */
export const slack: HttpChannelType = {
  // One a second, with short bursts.
  rate: { perMinute: 30, gap: seconds(1) },
  batchMax: 50,
  request(message, { url }) {
    const heading = headingOf(message);
    const header = { type: "plain_text", text: cutCharacters(heading, HEADER_CHARACTERS_MAX) };
    const section = { type: "mrkdwn", text: bodyOf(message, MRKDWN, SECTION_BYTES_MAX) };
    return postJson(url, {
      text: escaped(heading),
      blocks: [
        { type: "header", text: header },
        { type: "section", text: section },
      ],
    });
  },
  judge(answer, nowMs) {
    // 400 is about the message, except where it says that there is no such channel or user.
    if (answer.status === 400 && /no_team|user_not_found|invalid_token/.test(answer.body)) {
      return { kind: "refused", why: shown(answer.body), hint: "make a new incoming webhook in Slack" };
    }
    return judgeStatus(answer, nowMs);
  },
};
