import type { Millis } from "../base/units.ts";
import { type AdmissionPolicy, admit } from "../vrrp/admission.ts";
import type { ChecksumForm } from "../vrrp/checksum.ts";
import type { AdvertReceived } from "../vrrp/events.ts";
import type { Ipv4Packet } from "../vrrp/ipv4-header.ts";
import type { Counters } from "./counters.ts";
import type { InstanceEvent } from "./events.ts";
import type { PeerTable } from "./peer-table.ts";

/** An advert that was let in. */
export interface HeardAdvert {
  /** What it was judged by. */
  readonly policy: AdmissionPolicy;
  readonly checksumForm: ChecksumForm;
  readonly advert: AdvertReceived;
  /** From a listed peer. */
  readonly fromPeer: boolean;
}

export interface AdvertReceiverPorts {
  readonly counters: Counters;
  readonly peers: PeerTable;
  readonly now: () => Millis;
  readonly report: (event: InstanceEvent) => void;
  readonly dispatch: (advert: AdvertReceived) => void;
}

/** One instance's way from a packet to the election, or to a counted refusal. */
export class AdvertReceiver {
  policy: AdmissionPolicy;
  readonly #ports: AdvertReceiverPorts;

  constructor(policy: AdmissionPolicy, ports: AdvertReceiverPorts) {
    this.policy = policy;
    this.#ports = ports;
  }

  /**
   * One packet that was sent to this instance's address and carries its VRID.
   *
   * @returns what it said, when the same bytes will say the same again
   */
  receive(packet: Ipv4Packet): HeardAdvert | undefined {
    const { policy } = this;
    const admission = admit(packet, policy);
    const { source } = packet;
    if (!admission.ok) {
      this.#ports.report({ kind: "packet-refused", reason: admission.reason, source });
      return undefined;
    }
    const { advertisement, checksumForm, remarks } = admission;
    const { priority, advertInterval } = advertisement;
    for (const remark of remarks) this.#ports.report({ kind: "packet-remarked", remark, source });
    const advert = { kind: "advert-received", from: source, priority, advertInterval } as const;
    const heard: HeardAdvert = { policy, checksumForm, advert, fromPeer: policy.peers.has(source) };
    this.#hear(heard);
    return remarks.length === 0 ? heard : undefined;
  }

  /** The same bytes came again; false when they have to be judged anew. */
  hearAgain(heard: HeardAdvert): boolean {
    if (heard.policy !== this.policy) return false;
    this.#hear(heard);
    return true;
  }

  #hear({ advert, checksumForm, fromPeer }: HeardAdvert): void {
    const { counters, peers, now, dispatch } = this.#ports;
    const { from, priority, advertInterval } = advert;
    counters.received(priority);
    // Only listed peers are remembered: with check_unicast_src off, strangers could fill the memory.
    if (fromPeer) peers.heard(from, { priority, checksumForm, advertInterval, at: now() });
    dispatch(advert);
  }
}
