import type { Reading } from "./option.ts";

/** An address to send messages to. It is a secret, so nothing of it is repeated. */
export function readChannelUrl(bytes: Buffer): Reading<string> {
  const text = bytes.toString("utf8").trim();
  const fix = "write an address that begins with https://";
  if (!URL.canParse(text)) return { ok: false, message: "the address is none", fix };
  const { protocol, hostname } = new URL(text);
  if ((protocol !== "https:" && protocol !== "http:") || hostname === "") {
    return { ok: false, message: "the address is none of HTTP", fix };
  }
  return { ok: true, value: text };
}

/** A secret that goes into a signature, a header or a login. */
export function readChannelSecret(bytes: Buffer): Reading<string> {
  const value = bytes.toString("utf8");
  if (value !== "" && !/[\p{Cc}]/u.test(value)) return { ok: true, value };
  const message = value === "" ? "it is empty" : "it holds a control character or a line end";
  return { ok: false, message, fix: "write one line of text" };
}
