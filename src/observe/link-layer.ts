import { type CapturedFrame, captureFileError } from "./captured-frame.ts";

export type Direction = "in" | "out";

/** The IP packet inside a frame, and where it went as far as the link layer tells. */
export interface NetworkPacket {
  readonly bytes: Uint8Array;
  readonly direction: Direction | null;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad and the number that was used before the latter. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** PACKET_OUTGOING, in the frames that Linux writes for `-i any` and on AF_PACKET sockets. */
const PACKET_OUTGOING = 4;

/**
 * Takes the link layer off a frame; undefined when it carries no IP.
 *
 * @throws {OperatorError} `watch/bad-capture-file` when the link type is one that VRRP is not captured on
 */
export function networkPacket({ linkType, bytes }: CapturedFrame): NetworkPacket | undefined {
  switch (linkType) {
    case 1: // Ethernet
      return ipPacket(uint16(bytes, 12), bytes.subarray(14), null);
    case 113: // Linux cooked v1
      return ipPacket(uint16(bytes, 14), bytes.subarray(16), cookedDirection(uint16(bytes, 0)));
    case 276: // Linux cooked v2
      return ipPacket(uint16(bytes, 0), bytes.subarray(20), cookedDirection(bytes[10] ?? 0));
    case 12: // RAW, as some systems number it in files of their own
    case 101: // RAW
    case 228: // IPV4
    case 229: // IPV6
      return { bytes, direction: null };
    default:
      throw captureFileError(
        `the capture has link type ${linkType}, which is not supported`,
        "Capture on a network interface of Linux: tcpdump -i any -w FILE 'ip proto 112'",
      );
  }
}

function ipPacket(
  firstType: number,
  payload: Uint8Array,
  direction: Direction | null,
): NetworkPacket | undefined {
  let [etherType, bytes] = [firstType, payload];
  while (VLAN_TAGS.has(etherType)) {
    etherType = uint16(bytes, 2);
    bytes = bytes.subarray(4);
  }
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6 ? { bytes, direction } : undefined;
}

function cookedDirection(packetType: number): Direction {
  return packetType === PACKET_OUTGOING ? "out" : "in";
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
