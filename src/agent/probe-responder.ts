/**
 * Answers `cloudvip doctor` of a peer: "do my packets reach you, and how do you see our virtual router?" An answer changes no
 * state, is of the question's length, and goes to configured peers only, so many in a second at most: whoever forges a peer's
 * address gets that peer no more bytes than were sent. The TTL of a question is told and not judged, since a wrong one is what
 * doctor wants to find.
 */
import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import { AUTH_TYPE_NONE, AUTH_TYPE_PASS } from "../vrrp/advertisement.ts";
import { encodeIpv4Packet, type Ipv4Packet } from "../vrrp/ipv4-header.ts";
import { addressDigest, decodeProbe, encodeProbe, type ProbedRouter } from "../vrrp/probe.ts";
import type { Refusal } from "../vrrp/refusal.ts";
import { stateName } from "../vrrp/state.ts";
import type { Instance } from "./instance.ts";

export interface ProbePorts {
  /** Those that live now. */
  readonly instances: () => readonly Instance[];
  readonly send: (packet: Uint8Array, destination: IpAddress) => void;
  readonly now: () => Millis;
  readonly softwareVersion: string;
}

/** For one peer and one VRID; doctor asks three times at most, and both sides of a test may run it at once. */
const ANSWERS_MAX = 8;
const WINDOW: Millis = millis(1_000);
const MAX_TTL = 255;
/** Fewer say nothing of one in a thousand. */
const SAMPLES_WANTED = 1_000;

export class ProbeResponder {
  readonly #ports: ProbePorts;
  /** The answers of the present window, by peer and VRID: at most 256 for each configured peer. */
  readonly #answered = new Map<string, number>();
  #windowEnds: Millis = millis(0);
  #identification = 0;

  constructor(ports: ProbePorts) {
    this.#ports = ports;
  }

  /** @returns why a question is not answered; undefined when it was, or when the packet is somebody's answer */
  receive({ source, destination, ttl, payload }: Ipv4Packet): Refusal | undefined {
    const acquainted = this.#ports
      .instances()
      .filter(
        ({ router, config }) =>
          router.localAddress === destination && config.peers.some(({ address }) => address === source),
      );
    if (acquainted.length === 0) return "not-a-peer";
    const decoded = decodeProbe(payload);
    if (!decoded.ok) return decoded.reason;
    const { kind, virtualRouterId, nonce } = decoded.probe;
    // The socket of a doctor that runs here beside the agent has a copy of its own.
    if (kind === "answer") return undefined;
    if (!this.#mayAnswer(`${source} ${virtualRouterId}`)) return "probed-too-often";
    const instance = acquainted.find(({ config }) => config.router.virtualRouterId === virtualRouterId);
    const answer = encodeProbe({
      kind: "answer",
      virtualRouterId,
      nonce,
      receivedTtl: ttl,
      softwareVersion: this.#ports.softwareVersion,
      router: instance && probedRouter(instance, source, this.#ports.now()),
    });
    this.#identification = (this.#identification + 1) & 0xffff;
    const packet = {
      source: destination,
      destination: source,
      ttl: instance?.config.unicastTtl ?? MAX_TTL,
      payload: answer,
    };
    this.#ports.send(encodeIpv4Packet(packet, this.#identification), source);
    return undefined;
  }

  #mayAnswer(asker: string): boolean {
    const now = this.#ports.now();
    if (now >= this.#windowEnds) {
      this.#answered.clear();
      this.#windowEnds = millis(now + WINDOW);
    }
    const answered = this.#answered.get(asker) ?? 0;
    this.#answered.set(asker, answered + 1);
    return answered < ANSWERS_MAX;
  }
}

function probedRouter({ config, router, peers }: Instance, asker: IpAddress, now: Millis): ProbedRouter {
  const addresses = config.virtualAddresses.map(({ address }) => address);
  const heardAt = peers.heardAt(asker);
  const lateness = peers.latenessOf(asker);
  return {
    state: stateName(router.state),
    basePriority: config.router.priority,
    priority: router.priority,
    version: config.router.version,
    advertInterval: config.router.advertInterval,
    checksumForm: config.checksum.send,
    authType: config.authPass === undefined ? AUTH_TYPE_NONE : AUTH_TYPE_PASS,
    unicastTtl: config.unicastTtl,
    addressCount: addresses.length,
    addressDigest: addressDigest(addresses),
    heardAgo: heardAt === undefined ? undefined : millis(now - heardAt),
    advertLateness: lateness && lateness.samples >= SAMPLES_WANTED ? millis(lateness.p999Ms) : undefined,
  };
}
