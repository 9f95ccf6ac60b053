import { millis, seconds } from "../../base/units.ts";
import { postJson } from "../http-message.ts";
import { bodyOf, headingOf, MARKDOWN } from "../markdown.ts";
import { signDingtalk } from "../signature.ts";
import { cutBytes, inert } from "../text.ts";
import type { HttpChannelType } from "./channel-type.ts";
import { judgeErrorCode } from "./error-code.ts";

/** 20,000 bytes for the whole body, in which JSON writes some characters twice as long. */
const TEXT_BYTES_MAX = 9_000;
const TITLE_BYTES_MAX = 200;

/** A custom robot of DingTalk. A secret is the one of its security mode `sign`. */
export const dingtalk: HttpChannelType = {
  // 20 a minute, else silence for ten minutes; the nodes of a group often share one robot.
  rate: { perMinute: 8, gap: millis(500) },
  batchMax: 50,
  request(message, { url, secret }, nowMs) {
    const title = cutBytes(inert(headingOf(message)), TITLE_BYTES_MAX);
    const text = `### ${title}\n${bodyOf(message, MARKDOWN, TEXT_BYTES_MAX)}`;
    return postJson(secret === undefined ? url : signedUrl(url, secret, nowMs), {
      msgtype: "markdown",
      markdown: { title, text },
    });
  },
  judge: (answer, nowMs) =>
    judgeErrorCode(
      answer,
      {
        code: "errcode",
        words: "errmsg",
        tooFast: new Set([130101, 410100]),
        pause: seconds(600),
        rejecting: new Set([43004]),
        busy: new Set([-1]),
        hint: "see the robot's token, its security settings (keyword, sign, IP list), and whether its group still exists",
      },
      nowMs,
    ),
};

function signedUrl(address: string, secret: string, nowMs: number): string {
  const url = new URL(address);
  url.searchParams.set("timestamp", String(nowMs));
  url.searchParams.set("sign", signDingtalk(secret, nowMs));
  return url.href;
}
