import { openVrrpSocket } from "../../src/linux/open-vrrp-socket.ts";
import type { VrrpSocket } from "../../src/linux/vrrp-socket.ts";
import { encodeIpv4Packet, type Ipv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { runInNamespace } from "../linux/in-namespace.ts";
import type { Host } from "./host.ts";

/** Sends packets of protocol 112 from a host, whatever they claim to be. */
export class RawSender {
  readonly #socket: VrrpSocket;
  #sent = 0;

  constructor(host: Host) {
    const events = {
      onPacket: () => {},
      onSendError: fail,
      onError: fail,
    };
    this.#socket = runInNamespace(`/run/netns/${host.namespace}`, () =>
      openVrrpSocket(events, { adapter: "libc" }),
    );
  }

  send(packet: Ipv4Packet): void {
    this.#sent += 1;
    this.#socket.send(encodeIpv4Packet(packet, this.#sent & 0xffff), packet.destination);
  }

  close(): void {
    this.#socket.close();
  }
}

function fail(error: Error): never {
  throw error;
}
