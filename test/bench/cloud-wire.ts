import { Capture } from "../lab/capture.ts";
import type { Host } from "../lab/host.ts";
import type { Frame } from "../lab/pcap.ts";

/** A call of the EC2 API as its packets show it. */
export interface WireCall {
  /** The caller's address. */
  readonly from: string;
  /** When the packet with the request's parameters passed, milliseconds since 1970. */
  readonly sentMs: number;
  /** When the first packet of the answer passed. */
  answeredMs: number | undefined;
}

/** The claims of secondary addresses that arrive at an emulated region's API, with the kernel's time of each packet. */
export class ClaimsOnTheWire {
  readonly #calls: WireCall[] = [];
  readonly #open = new Map<string, WireCall>();
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(api: Host, endpoint: string): Promise<ClaimsOnTheWire> {
    const port = Number(new URL(endpoint).port);
    const claims = new ClaimsOnTheWire(port);
    const onFrame = (frame: Frame) => claims.#read(frame);
    const { namespace, interfaceName } = api;
    await Capture.start({ namespace, interfaceName, filter: `tcp port ${port}`, onFrame });
    return claims;
  }

  /** Answered claims of one host, oldest first. */
  answered(by: Host): readonly (WireCall & { readonly answeredMs: number })[] {
    const own = this.#calls.filter(({ from }) => from === by.address);
    return own.filter((call): call is WireCall & { answeredMs: number } => call.answeredMs !== undefined);
  }

  #read(frame: Frame): void {
    const segment = readSegment(frame.bytes);
    if (!segment) return;
    if (segment.sourcePort === this.#port) {
      const caller = `${segment.destination}:${segment.destinationPort}`;
      const call = this.#open.get(caller);
      if (call) call.answeredMs = frame.atMs;
      this.#open.delete(caller);
    } else if (isClaim(segment.payload)) {
      const call: WireCall = { from: segment.source, sentMs: frame.atMs, answeredMs: undefined };
      this.#calls.push(call);
      this.#open.set(`${segment.source}:${segment.sourcePort}`, call);
    }
  }
}

/** What a rehearsal asks to learn of its permission does not reassign. */
function isClaim(payload: string): boolean {
  return payload.includes("Action=AssignPrivateIpAddresses") && payload.includes("AllowReassignment=true");
}

const ETHERNET_HEADER_LENGTH = 14;

/** A TCP segment with payload over IPv4 in an Ethernet frame; the capture's filter lets nothing else through. */
function readSegment(frame: Buffer) {
  const ip = frame.subarray(ETHERNET_HEADER_LENGTH, ETHERNET_HEADER_LENGTH + frame.readUInt16BE(16));
  const tcp = ip.subarray(((ip[0] ?? 0) & 0x0f) * 4);
  const payload = tcp.subarray(((tcp[12] ?? 0) >> 4) * 4);
  if (payload.length === 0) return undefined;
  return {
    source: ip.subarray(12, 16).join("."),
    destination: ip.subarray(16, 20).join("."),
    sourcePort: tcp.readUInt16BE(0),
    destinationPort: tcp.readUInt16BE(2),
    payload: payload.toString("latin1"),
  };
}
