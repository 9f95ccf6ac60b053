import { randomBytes } from "node:crypto";
import type { IpAddress } from "../../base/ip.ts";
import type { Undelivered } from "../../linux/icmp-errors.ts";
import { decodeIpv4Packet, encodeIpv4Packet } from "../../vrrp/ipv4-header.ts";
import { decodeProbe, encodeProbe, isProbe, NONCE_LENGTH } from "../../vrrp/probe.ts";
import type { ProbeOutcome, ProbePath } from "./wire-view.ts";

export type Send = (packet: Uint8Array, destination: IpAddress) => void;

export interface ProberPorts {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

interface Pending {
  readonly path: ProbePath;
  readonly nonce: Uint8Array;
  asked: number;
  askedAt: number;
  answer: ProbeOutcome["answer"];
  undelivered: Undelivered | undefined;
  sendError: string | undefined;
}

/** Between two pauses: a thousand at once would fill the receive buffer of a peer. */
const QUESTIONS_AT_ONCE = 64;

/** Asks the agents of peers how they see their virtual routers, and takes down what comes back. */
export class Prober {
  readonly #ports: ProberPorts;
  readonly #pending: readonly Pending[];
  readonly #byNonce: ReadonlyMap<string, Pending>;
  #sent = 0;

  constructor(paths: readonly ProbePath[], ports: ProberPorts) {
    this.#ports = ports;
    this.#pending = paths.map((path) => ({
      path,
      nonce: Uint8Array.from(randomBytes(NONCE_LENGTH)),
      asked: 0,
      askedAt: 0,
      answer: undefined,
      undelivered: undefined,
      sendError: undefined,
    }));
    this.#byNonce = new Map(this.#pending.map((pending) => [keyOf(pending.nonce), pending]));
  }

  get outcomes(): readonly ProbeOutcome[] {
    return this.#pending;
  }

  /** Asks those who have not answered, or those who have for what is true by now. Each step is a moment to pause. */
  *ask(whom: "silent" | "answered", send: Send): Generator<void> {
    const asked = this.#pending.filter(({ answer }) => (answer !== undefined) === (whom === "answered"));
    for (const [index, pending] of asked.entries()) {
      if (index > 0 && index % QUESTIONS_AT_ONCE === 0) yield;
      this.#ask(pending, send);
    }
  }

  /** A packet of protocol 112 came in. What is no answer to one of our questions is passed over. */
  receive(bytes: Uint8Array): void {
    const packet = decodeIpv4Packet(bytes);
    if (!packet.ok || !isProbe(packet.payload)) return;
    const decoded = decodeProbe(packet.payload);
    if (!decoded.ok || decoded.probe.kind !== "answer") return;
    const { probe } = decoded;
    const pending = this.#byNonce.get(keyOf(probe.nonce));
    if (pending?.path.peer !== packet.source || pending.path.virtualRouterId !== probe.virtualRouterId)
      return;
    const roundTripMs = this.#ports.now() - pending.askedAt;
    const fastest = Math.min(roundTripMs, pending.answer?.roundTripMs ?? roundTripMs);
    pending.answer = { ...probe, ttl: packet.ttl, roundTripMs: fastest };
  }

  hearOf(undelivered: Undelivered): void {
    for (const pending of this.#pending) {
      if (pending.path.peer === undelivered.destination) pending.undelivered = undelivered;
    }
  }

  sendFailed(destination: IpAddress, code: string): void {
    for (const pending of this.#pending) if (pending.path.peer === destination) pending.sendError = code;
  }

  #ask(pending: Pending, send: Send): void {
    const { source, peer, virtualRouterId, ttl } = pending.path;
    const payload = encodeProbe({ kind: "question", virtualRouterId, nonce: pending.nonce });
    this.#sent = (this.#sent + 1) & 0xffff;
    pending.asked++;
    pending.askedAt = this.#ports.now();
    send(encodeIpv4Packet({ source, destination: peer, ttl, payload }, this.#sent), peer);
  }
}

function keyOf(nonce: Uint8Array): string {
  return nonce.join();
}
