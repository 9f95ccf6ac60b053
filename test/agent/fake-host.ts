import type { InstanceEvent } from "../../src/agent/events.ts";
import { type IpAddress, parseIp, parsePrefix } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import type { Config, InstanceConfig } from "../../src/config/config.ts";
import type { AddressEntry, AddressResult, Link, Network, NetworkEvent } from "../../src/linux/network.ts";
import type { VrrpSocket, VrrpSocketEvents } from "../../src/linux/vrrp-socket.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  encodeAdvertisement,
} from "../../src/vrrp/advertisement.ts";
import { decodeIpv4Packet, encodeIpv4Packet, type Ipv4Packet } from "../../src/vrrp/ipv4-header.ts";
import { decodeProbe, isProbe, type Probe } from "../../src/vrrp/probe.ts";

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}

export const LOCAL = ip("192.0.2.1");
export const PEER = ip("192.0.2.2");
export const VIP = ip("192.0.2.100");

export function instanceConfig(overrides: Partial<InstanceConfig> = {}): InstanceConfig {
  return {
    name: "V1",
    interfaceName: "eth0",
    router: {
      version: 3,
      virtualRouterId: 51,
      priority: 100,
      advertInterval: millis(100),
      preempt: true,
      preemptDelay: millis(0),
      downTimerAdverts: 3,
      skew: "rfc",
      maxLearnedInterval: millis(10_000),
      lowerPrioNoAdvert: false,
      higherPrioSendAdvert: false,
      startupDelay: millis(0),
      announcements: { masterDelay: millis(5_000), masterRefresh: millis(0), lowerPrioDelay: millis(0) },
    },
    sourceAddress: LOCAL,
    peers: [{ address: PEER, minTtl: undefined, maxTtl: undefined }],
    unicastTtl: 255,
    checkUnicastSrc: true,
    trackSrcIp: true,
    trackPrimary: true,
    checksum: { send: "rfc5798", accept: "either" },
    authPass: undefined,
    virtualAddresses: [virtualAddress("192.0.2.100")],
    excludedAddresses: [],
    garp: { masterRepeat: 5, masterRefreshRepeat: 1, lowerPrioRepeat: 5, interval: millis(0) },
    track: [],
    hooks: NO_HOOKS,
    syncGroup: undefined,
    provider: undefined,
    ...overrides,
  };
}

export function virtualAddress(text: string): InstanceConfig["virtualAddresses"][number] {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`${text} is no prefix`);
  return { ...prefix, interfaceName: "eth0", label: undefined, noTrack: false };
}

export function config(...instances: InstanceConfig[]): Config {
  return {
    routerId: "test",
    controlSocket: "/nowhere",
    dynamicInterfaces: false,
    notifyFifo: undefined,
    trackers: [],
    syncGroups: [],
    flapping: { transitions: 6, window: millis(60_000), hold: millis(0) },
    instances,
    notify: undefined,
    sources: { files: [], holdSecret: false, secretFiles: [] },
  };
}

const NOTHING = { sysctl: {}, units: [], accept: undefined };
const NO_HOOKS = { programs: {}, onMaster: NOTHING, onBackup: NOTHING };

/** One host without a kernel: what the agent asked of it, in order, and the means to make things happen to it. */
export class FakeHost implements Network {
  /** In the order in which the agent did it: `advert 192.0.2.2 100`, `add …`, `remove …`, `garp …`. */
  readonly done: string[] = [];
  readonly events: InstanceEvent[] = [];
  /** What the agent sent beside adverts. */
  readonly probes: { readonly packet: Ipv4Packet; readonly probe: Probe }[] = [];
  entries: AddressEntry[] = [{ interfaceIndex: 2, address: LOCAL, prefixLength: 24 }];
  eth0: Link = {
    index: 2,
    name: "eth0",
    up: true,
    arp: true,
    hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
  };
  /** Answered to every address that is added. */
  addError: string | undefined;
  /** Packets that wait in the socket until somebody drains it or the loop turns. */
  readonly queued: Uint8Array[] = [];
  #listeners: ((event: NetworkEvent) => void)[] = [];
  #socket: VrrpSocketEvents | undefined;

  readonly openSocket = (events: VrrpSocketEvents): VrrpSocket => {
    this.#socket = events;
    return {
      adapter: "libc",
      send: (packet, destination) => {
        const probe = probeIn(packet);
        if (probe) {
          this.probes.push(probe);
          return;
        }
        const advert = decode(packet);
        this.done.push(`advert ${destination} ${advert.priority}`);
      },
      together: (work) => work(),
      letWait: () => {},
      drain: () => this.deliver(),
      flushed: async () => {},
      close: () => this.done.push("socket closed"),
    };
  };

  readonly arp = {
    announce: ({ address }: { address: IpAddress }): string | undefined => {
      this.done.push(`garp ${address}`);
      return undefined;
    },
    close: () => {},
  };

  link(name: string): Link | undefined {
    return name === this.eth0.name ? this.eth0 : undefined;
  }

  links(): readonly Link[] {
    return [this.eth0];
  }

  addresses(): readonly AddressEntry[] {
    return this.entries;
  }

  has(entry: AddressEntry): boolean {
    return this.#has(entry);
  }

  async addAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]> {
    return entries.map((entry) => {
      this.done.push(`add ${entry.address}/${entry.prefixLength}`);
      if (!this.addError && !this.#has(entry)) this.entries = [...this.entries, entry];
      return { entry, error: this.addError };
    });
  }

  async removeAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]> {
    return entries.map((entry) => {
      this.done.push(`remove ${entry.address}/${entry.prefixLength}`);
      this.#drop(entry);
      return { entry, error: undefined };
    });
  }

  onChange(listener: (event: NetworkEvent) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {}

  /** Somebody else on this host removes an address. */
  removeBehindItsBack(address: IpAddress): void {
    for (const entry of this.entries.filter((candidate) => candidate.address === address)) {
      this.#drop(entry);
      this.#tell({ kind: "address-removed", entry });
    }
  }

  addBehindItsBack(entry: AddressEntry): void {
    this.entries = [...this.entries, entry];
    this.#tell({ kind: "address-added", entry });
  }

  setLink(up: boolean): void {
    this.eth0 = { ...this.eth0, up };
    this.#tell({ kind: "link-changed", link: this.eth0 });
  }

  /** A peer's advert reaches the socket, and waits there. */
  queueAdvert(advert: Partial<Advertisement> = {}, from: IpAddress = PEER): void {
    const endpoints = { source: from, destination: LOCAL };
    const payload = encodeAdvertisement(
      {
        version: 3,
        virtualRouterId: 51,
        priority: 200,
        advertInterval: millis(100),
        addresses: [VIP],
        authentication: undefined,
        ...advert,
      },
      { ...endpoints, checksumForm: "rfc5798" },
    );
    this.queued.push(encodeIpv4Packet({ ...endpoints, ttl: 255, payload }, 1));
  }

  /** Any other packet of protocol 112 reaches the socket, and waits there. */
  queuePacket(packet: Ipv4Packet): void {
    this.queued.push(encodeIpv4Packet(packet, 1));
  }

  /** The loop reads the socket. */
  deliver(): void {
    for (const packet of this.queued.splice(0)) this.#socket?.onPacket(packet);
  }

  #has({ address, prefixLength }: AddressEntry): boolean {
    return this.entries.some((entry) => entry.address === address && entry.prefixLength === prefixLength);
  }

  #drop({ address, prefixLength }: AddressEntry): void {
    this.entries = this.entries.filter(
      (entry) => entry.address !== address || entry.prefixLength !== prefixLength,
    );
  }

  #tell(event: NetworkEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function probeIn(bytes: Uint8Array): { readonly packet: Ipv4Packet; readonly probe: Probe } | undefined {
  const packet = decodeIpv4Packet(bytes);
  if (!packet.ok || !isProbe(packet.payload)) return undefined;
  const decoded = decodeProbe(packet.payload);
  if (!decoded.ok) throw new Error(`the agent sent a probe that is ${decoded.reason}`);
  return { packet, probe: decoded.probe };
}

function decode(bytes: Uint8Array): Advertisement {
  const packet = decodeIpv4Packet(bytes);
  if (!packet.ok) throw new Error(`the agent sent no packet: ${packet.reason}`);
  const decoded = decodeAdvertisement(packet.payload, packet);
  if (!decoded.ok) throw new Error(`the agent sent no advert: ${decoded.reason}`);
  return decoded.advertisement;
}
