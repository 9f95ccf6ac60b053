import { type CapturedFrame, captureFileError } from "./captured-frame.ts";
import { isPcap, readPcap } from "./pcap.ts";
import { PCAPNG_MAGIC, readPcapng } from "./pcapng.ts";

/**
 * The frames of a capture file, whichever format it has.
 *
 * @throws {OperatorError} `watch/bad-capture-file` at once when it is no capture file; later, after the frames that could be
 *   read, when it ends early or is damaged
 */
export function readCapture(file: Uint8Array): Generator<CapturedFrame> {
  const [a = 0, b = 0, c = 0, d = 0] = file;
  const magic = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (isPcap(magic)) return readPcap(file);
  if (magic === PCAPNG_MAGIC) return readPcapng(file);
  throw captureFileError(...strangeness(file, magic >>> 16));
}

/** RFC 1952 §2.3.1 */
const GZIP_MAGIC = 0x1f8b;

function strangeness(file: Uint8Array, start: number): [message: string, hint: string] {
  if (file.length === 0)
    return ["the capture file is empty", "Capture again: tcpdump -w FILE 'ip proto 112'"];
  if (start === GZIP_MAGIC) return ["the capture file is compressed", "Unpack it with gunzip first."];
  return [
    "the file is neither pcap nor pcapng",
    "Convert it with Wireshark's `editcap -F pcap FILE OUT.pcap`, or capture with `tcpdump -w FILE 'ip proto 112'`.",
  ];
}
