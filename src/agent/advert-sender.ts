import type { IpAddress } from "../base/ip.ts";
import type { InstanceConfig } from "../config/config.ts";
import type { VrrpSocket } from "../linux/vrrp-socket.ts";
import {
  AUTH_DATA_LENGTH,
  AUTH_TYPE_NONE,
  AUTH_TYPE_PASS,
  encodeAdvertisement,
  passwordBytes,
} from "../vrrp/advertisement.ts";
import { encodeIpv4Packet } from "../vrrp/ipv4-header.ts";

/**
 * Builds an instance's adverts once for each priority and sends them to every peer. The checksum covers the destination, so
 * each peer has a copy of its own (RFC 5798 §5.2.8).
 */
export class AdvertSender {
  readonly #config: InstanceConfig;
  readonly #source: IpAddress;
  #built: { readonly priority: number; readonly packets: ReadonlyMap<IpAddress, Uint8Array> } | undefined;
  /** keepalived counts from 1 and skips 0; one number for the copies of one advert. */
  #identification = 0;

  constructor(config: InstanceConfig, source: IpAddress) {
    this.#config = config;
    this.#source = source;
  }

  send(socket: VrrpSocket, priority: number): void {
    if (this.#built?.priority !== priority) this.#built = { priority, packets: this.#build(priority) };
    this.#identification = (this.#identification % 0xffff) + 1;
    for (const [peer, packet] of this.#built.packets) {
      packet[4] = this.#identification >> 8;
      packet[5] = this.#identification & 0xff;
      socket.send(packet, peer);
    }
  }

  #build(priority: number): Map<IpAddress, Uint8Array> {
    return new Map(this.#config.peers.map(({ address }) => [address, this.#packet(priority, address)]));
  }

  #packet(priority: number, destination: IpAddress): Uint8Array {
    const { router, virtualAddresses, checksum, unicastTtl } = this.#config;
    const endpoints = { source: this.#source, destination };
    const payload = encodeAdvertisement(
      {
        version: router.version,
        virtualRouterId: router.virtualRouterId,
        priority,
        advertInterval: router.advertInterval,
        addresses: virtualAddresses.map(({ address }) => address),
        authentication: router.version === 2 ? authenticationOf(this.#config) : undefined,
      },
      { ...endpoints, checksumForm: checksum.send },
    );
    return encodeIpv4Packet({ ...endpoints, ttl: unicastTtl, payload }, this.#identification);
  }
}

function authenticationOf({ authPass }: InstanceConfig) {
  return authPass === undefined
    ? { type: AUTH_TYPE_NONE, data: new Uint8Array(AUTH_DATA_LENGTH) }
    : { type: AUTH_TYPE_PASS, data: passwordBytes(authPass) };
}
