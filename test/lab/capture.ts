import { writeFileSync } from "node:fs";
import { type Frame, PcapReader } from "./pcap.ts";
import { RunningProcess } from "./process.ts";
import { waitFor } from "./wait-for.ts";

/** An advert as an onlooker reads it: no more than who says what. Judging adverts is the codec's and tshark's work. */
export interface WireAdvert {
  readonly atMs: number;
  readonly source: string;
  readonly destination: string;
  readonly version: number;
  readonly vrid: number;
  readonly priority: number;
  /** The IPv4 packet, header included. */
  readonly packet: Uint8Array;
}

/** A gratuitous ARP: somebody announces that `address` lives at `mac`. */
export interface WireAnnouncement {
  readonly atMs: number;
  readonly address: string;
  readonly mac: string;
}

/** Everything that hosts send through the switch, seen before the lab's faults drop it. */
export class Capture {
  readonly #tcpdump: RunningProcess;
  readonly #reader = new PcapReader();
  /** Oldest first. */
  readonly adverts: WireAdvert[] = [];
  readonly announcements: WireAnnouncement[] = [];

  private constructor(tcpdump: RunningProcess, onFrame: ((frame: Frame) => void) | undefined) {
    this.#tcpdump = tcpdump;
    tcpdump.onStdout((chunk) => {
      for (const frame of this.#reader.feed(chunk)) {
        onFrame?.(frame);
        this.adverts.push(...readAdvert(frame));
        this.announcements.push(...readAnnouncement(frame));
      }
    });
  }

  /** Captures what matches the pcap `filter`; resolves when tcpdump is listening. `onFrame` gets every frame as it is. */
  static async start(place: {
    readonly namespace: string;
    readonly interfaceName: string;
    readonly filter: string;
    readonly onFrame?: (frame: Frame) => void;
  }): Promise<Capture> {
    const { namespace, interfaceName, filter } = place;
    const tcpdump = new RunningProcess(
      // Immediate mode and -U: a frame is here as soon as it passed, not when a buffer is full. -s and -B: the kernel keeps a slot
      // of the largest frame for each, which without them is 32 slots, and an agent in real time fills those before tcpdump has
      // had its turn. -Z: as root it would give up root.
      [
        "ip",
        "netns",
        "exec",
        namespace,
        "tcpdump",
        "-i",
        interfaceName,
        "-n",
        "-U",
        "--immediate-mode",
        ...["-s", "2048", "-B", "16384"],
      ].concat(["-Z", "root", "-w", "-", filter]),
    );
    const capture = new Capture(tcpdump, place.onFrame);
    await waitFor(() => /listening on/.test(tcpdump.stderr()), {
      what: "tcpdump to listen",
      seen: () => tcpdump.stderr(),
    });
    return capture;
  }

  /** Writes what was captured so far as a pcap file. */
  save(path: string): void {
    writeFileSync(path, this.#tcpdump.stdoutBytes());
  }

  async stop(): Promise<void> {
    await this.#tcpdump.stop("SIGINT");
  }
}

const ETHERNET_HEADER_LENGTH = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const PROTOCOL_VRRP = 112;

function readAdvert({ atMs, bytes: frame }: Frame): readonly WireAdvert[] {
  if (frame.readUInt16BE(12) !== ETHERTYPE_IPV4 || frame[ETHERNET_HEADER_LENGTH + 9] !== PROTOCOL_VRRP)
    return [];
  const length = frame.readUInt16BE(ETHERNET_HEADER_LENGTH + 2);
  const packet = frame.subarray(ETHERNET_HEADER_LENGTH, ETHERNET_HEADER_LENGTH + length);
  const message = packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
  return [
    {
      atMs,
      source: packet.subarray(12, 16).join("."),
      destination: packet.subarray(16, 20).join("."),
      version: (message[0] ?? 0) >> 4,
      vrid: message[1] ?? 0,
      priority: message[2] ?? 0,
      packet: Uint8Array.from(packet),
    },
  ];
}

function readAnnouncement({ atMs, bytes: frame }: Frame): readonly WireAnnouncement[] {
  if (frame.readUInt16BE(12) !== ETHERTYPE_ARP) return [];
  const arp = frame.subarray(ETHERNET_HEADER_LENGTH);
  const [sender, target] = [arp.subarray(14, 18).join("."), arp.subarray(24, 28).join(".")];
  if (sender !== target) return [];
  return [
    {
      atMs,
      address: sender,
      mac: arp
        .subarray(8, 14)
        .toString("hex")
        .replace(/..(?!$)/g, "$&:"),
    },
  ];
}
