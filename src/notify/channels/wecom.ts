import { millis } from "../../base/units.ts";
import { postJson } from "../http-message.ts";
import { bodyOf, type Dialect, headingOf, MARKDOWN } from "../markdown.ts";
import { cutBytes, inert } from "../text.ts";
import type { HttpChannelType } from "./channel-type.ts";
import { judgeErrorCode, MINUTE } from "./error-code.ts";

const CONTENT_BYTES_MAX = 4_096;
const TITLE_BYTES_MAX = 200;

const WECOM: Dialect = { ...MARKDOWN, line: (text) => `> ${text}` };

/** A group robot of WeCom. */
export const wecom: HttpChannelType = {
  // 20 a minute; the nodes of a group often share one robot.
  rate: { perMinute: 8, gap: millis(500) },
  batchMax: 50,
  request(message, { url }) {
    const heading = `### ${cutBytes(inert(headingOf(message)), TITLE_BYTES_MAX)}\n`;
    const body = bodyOf(message, WECOM, CONTENT_BYTES_MAX - Buffer.byteLength(heading));
    return postJson(url, { msgtype: "markdown", markdown: { content: heading + body } });
  },
  judge: (answer, nowMs) =>
    judgeErrorCode(
      answer,
      {
        code: "errcode",
        words: "errmsg",
        tooFast: new Set([45009]),
        pause: MINUTE,
        rejecting: new Set([40058]),
        busy: new Set([-1]),
        hint: "see the key in the robot's address, and whether its group still exists",
      },
      nowMs,
    ),
};
