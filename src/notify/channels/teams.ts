import { millis } from "../../base/units.ts";
import { judgeStatus, postJson } from "../http-message.ts";
import { bodyOf, headingOf, MARKDOWN } from "../markdown.ts";
import { cutBytes, inert } from "../text.ts";
import type { HttpChannelType } from "./channel-type.ts";

/** 28 KB for the whole message. */
const TEXT_BYTES_MAX = 12_000;
const TITLE_BYTES_MAX = 300;

/** A workflow of Microsoft Teams ("when a webhook request is received"); the connectors of Office 365 are gone. */
export const teams: HttpChannelType = {
  // Four a second.
  rate: { perMinute: 30, gap: millis(500) },
  batchMax: 50,
  request(message, { url }) {
    const heading = cutBytes(inert(headingOf(message)), TITLE_BYTES_MAX);
    const text = bodyOf(message, MARKDOWN, TEXT_BYTES_MAX);
    return postJson(url, {
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: {
            $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            type: "AdaptiveCard",
            version: "1.4",
            body: [
              { type: "TextBlock", text: heading, weight: "bolder", size: "medium", wrap: true },
              { type: "TextBlock", text, wrap: true },
            ],
          },
        },
      ],
    });
  },
  judge: judgeStatus,
};
