/**
 * The demo's client, a process of its own in its own network namespace. Not ping(8): it is not installed everywhere, and slows
 * down as soon as an answer is missing, which is when it matters.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { invariant } from "../../base/invariant.ts";
import { parseIp } from "../../base/ip.ts";
import {
  errnoName,
  openSocket,
  receive,
  SOCK_RAW,
  SystemCallError,
  sendTo,
  watchReadable,
} from "../../linux/libc.ts";
import { AF_INET, internetAddress } from "../../linux/socket-address.ts";
import { echoReplySequence, echoRequest, IPPROTO_ICMP } from "./icmp-echo.ts";

/** An IPv4 header with all its options, and the answer behind it. */
const PACKET_BYTES_MAX = 128;

/** An answer as the client prints it, one a line: its number, and when it came, in milliseconds since 1970. */
export interface Answer {
  readonly sequence: number;
  readonly atEpoch: number;
}

/**
 * Pings an IPv4 address every so many milliseconds until the process is ended, and prints each answer. Pings are numbered in 16
 * bits: five minutes at 5 ms.
 */
export async function pingForever(addressText: string, intervalText: string): Promise<never> {
  const address = parseIp(addressText);
  invariant(address !== undefined, "the demo gives its client an address");
  const interval = Number(intervalText);
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) throw new SystemCallError("opening a socket for pings", errnoName(fd));
  const identifier = process.pid & 0xffff;
  const buffer = new Uint8Array(PACKET_BYTES_MAX);
  const readAnswers = () => {
    for (let length = receive(fd, buffer); length >= 0; length = receive(fd, buffer)) {
      const sequence = echoReplySequence(buffer.subarray(0, length), identifier);
      if (sequence !== undefined) process.stdout.write(`${sequence} ${now()}\n`);
    }
  };
  const watch = watchReadable(fd, readAnswers);
  process.once("exit", () => watch.close());
  let due = now();
  for (let sequence = 1; ; sequence++) {
    // A ping that cannot even be sent, for want of a neighbour, is as lost as one that nobody answers.
    sendTo(fd, echoRequest(identifier, sequence), internetAddress(address));
    due = Math.max(due + interval, now());
    await wait(due - now());
  }
}

export function parseAnswer(line: string): Answer {
  const [sequence, atEpoch] = line.split(" ");
  return { sequence: Number(sequence), atEpoch: Number(atEpoch) };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
