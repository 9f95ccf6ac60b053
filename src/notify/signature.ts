import { createHmac } from "node:crypto";

/** DingTalk: base64 of HMAC-SHA256 over `timestamp\nsecret`, keyed with the secret; the timestamp is in milliseconds. */
export function signDingtalk(secret: string, timestampMs: number): string {
  return createHmac("sha256", secret).update(`${timestampMs}\n${secret}`).digest("base64");
}

/** Feishu and Lark: the same text is the key, and the message is empty; the timestamp is in seconds. */
export function signFeishu(secret: string, timestampSeconds: number): string {
  return createHmac("sha256", `${timestampSeconds}\n${secret}`).digest("base64");
}

/**
 * The `X-Cloudvip-Signature` of a webhook: `t=SECONDS,v1=HEX` where HEX is HMAC-SHA256 over `SECONDS.BODY`. The time is signed
 * too, so that a receiver can refuse what somebody recorded and sends again.
 */
export function signWebhook(secret: string, timestampSeconds: number, body: string): string {
  const digest = createHmac("sha256", secret).update(`${timestampSeconds}.${body}`).digest("hex");
  return `t=${timestampSeconds},v1=${digest}`;
}
