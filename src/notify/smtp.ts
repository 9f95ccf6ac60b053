import { isIP } from "node:net";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { MailChannelConfig } from "../config/notify-config.ts";
import type { Message } from "./channels/channel-type.ts";
import { mailOf } from "./channels/mail.ts";
import { outcomeOfError } from "./failure.ts";
import { type AddressPolicy, guardedLookup, refuseForbidden } from "./forbidden-addresses.ts";
import { shown } from "./http-message.ts";
import { DELIVERED, type Outcome } from "./outcome.ts";

/** Connecting, greeting, TLS, login and the message together; a server that greylists or tests a sender takes seconds. */
const DEADLINE_MS = 15_000;

/** Hands one message to the mail server; what it answers is the outcome. */
export async function sendMail(channel: MailChannelConfig, message: Message): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
  const transport = createTransport({
    host: await addressOf(channel.host, channel),
    port: channel.port,
    secure: channel.tls === "implicit",
    requireTLS: channel.tls === "starttls",
    ignoreTLS: channel.tls === "none",
    tls: { minVersion: "TLSv1.2", ...(isIP(channel.host) === 0 && { servername: channel.host }) },
    ...(channel.user !== undefined && { auth: { user: channel.user, pass: channel.password } }),
    connectionTimeout: DEADLINE_MS,
    greetingTimeout: DEADLINE_MS,
    socketTimeout: DEADLINE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ ...mailData(channel, message), signal: deadline.signal });
    return DELIVERED;
  } catch (error) {
    return deadline.signal.aborted
      ? { kind: "failed", why: `no answer within ${DEADLINE_MS / 1000} s` }
      : outcomeOfReply(error);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

function mailData({ from, to }: MailChannelConfig, message: Message): SendMailOptions {
  const { subject, text, messageId } = mailOf(message);
  // RFC 3834: no holiday notices in return.
  return { from, to: [...to], subject, text, messageId, headers: { "Auto-Submitted": "auto-generated" } };
}

/** Connecting to the address that was checked, not to what the name leads to a moment later. */
function addressOf(host: string, policy: AddressPolicy): Promise<string> {
  return new Promise((resolve, reject) => {
    refuseForbidden(host, policy);
    guardedLookup(policy)(host, { all: false }, (error, address) => {
      if (error) reject(error);
      else resolve(String(address));
    });
  });
}

/** RFC 5321 §4.2.1: 4xx passes, 5xx does not. */
function outcomeOfReply(error: unknown): Outcome {
  const { code, responseCode, response } = error as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
    readonly response?: unknown;
  };
  if (typeof responseCode !== "number" || responseCode < 500) return outcomeOfError(error);
  const why = `SMTP ${shown(String(response ?? responseCode))}`;
  // Said of the data, it is about this message; said before, about who we are or whom we write to.
  return code === "EMESSAGE"
    ? { kind: "rejected", why }
    : { kind: "refused", why, hint: "see the user, the password, and the addresses in from and to" };
}
