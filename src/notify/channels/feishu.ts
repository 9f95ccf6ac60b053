import { millis } from "../../base/units.ts";
import { type HttpAnswer, jsonOf, postJson } from "../http-message.ts";
import { bodyOf, type Dialect, headingOf, MARKDOWN } from "../markdown.ts";
import type { Severity } from "../notification.ts";
import { signFeishu } from "../signature.ts";
import { cutBytes } from "../text.ts";
import { worstOf } from "../wording/report.ts";
import type { HttpChannelType } from "./channel-type.ts";
import { judgeErrorCode, MINUTE } from "./error-code.ts";

/** 20 KB for the whole body. */
const TEXT_BYTES_MAX = 9_000;
const TITLE_BYTES_MAX = 200;

/** lark_md has no lists. */
const LARK: Dialect = { ...MARKDOWN, line: (text) => text };

const COLOURS: Record<Severity, string> = { info: "blue", warning: "orange", critical: "red" };

/** A custom bot of Feishu or Lark. A secret is the one of its signature verification. */
export const feishu: HttpChannelType = {
  // 100 a minute and 5 a second.
  rate: { perMinute: 40, gap: millis(500) },
  batchMax: 50,
  request(message, { url, secret }, nowMs) {
    const timestamp = Math.floor(nowMs / 1000);
    const title = cutBytes(headingOf(message), TITLE_BYTES_MAX);
    return postJson(url, {
      ...(secret !== undefined && { timestamp: String(timestamp), sign: signFeishu(secret, timestamp) }),
      msg_type: "interactive",
      card: {
        config: { wide_screen_mode: true },
        header: {
          template: COLOURS[worstOf(message.reports)],
          title: { tag: "plain_text", content: title },
        },
        elements: [{ tag: "div", text: { tag: "lark_md", content: bodyOf(message, LARK, TEXT_BYTES_MAX) } }],
      },
    });
  },
  judge: (answer, nowMs) =>
    judgeErrorCode(
      answer,
      {
        code: codeField(answer),
        words: "msg",
        tooFast: new Set([11232, 11233]),
        pause: MINUTE,
        rejecting: new Set([9499, 19036]),
        busy: new Set(),
        hint: "see the bot's address, its security settings (keyword, signature, IP list), and this host's clock",
      },
      nowMs,
    ),
};

/** Older bots answer with StatusCode instead of code. */
function codeField(answer: HttpAnswer): string {
  return typeof jsonOf(answer)?.["code"] === "number" ? "code" : "StatusCode";
}
