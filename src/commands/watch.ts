import { readFile, stat } from "node:fs/promises";
import { styleText } from "node:util";
import { messageOf, OperatorError } from "../base/errors.ts";
import { openPacketCapture } from "../linux/packet-capture.ts";
import { readCapture } from "../observe/capture-file.ts";
import { networkPacket } from "../observe/link-layer.ts";
import { type PacketReport, reportPacket } from "../observe/packet-report.ts";
import { formatReport } from "../observe/report-text.ts";
import { PacketTally } from "../observe/tally.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptSignal, type Output, wantsColor } from "./output.ts";

export interface WatchOptions {
  /** A capture file to decode instead of the wire. */
  readonly read?: string;
  /** Watches this interface only; all of them without it. */
  readonly interface?: string;
  /** One JSON object a line instead of text. */
  readonly json?: boolean;
  /** The packets. @default process.stdout */
  readonly out?: Output;
  /** What is not a packet: that the watch has begun, and the summary at its end. @default process.stderr */
  readonly err?: Output;
  /** Ends the watch on the wire; Ctrl-C does without it. */
  readonly signal?: AbortSignal;
}

type Report = (report: PacketReport) => void;

/**
 * Decodes VRRP packets, valid or not, from the wire or from a capture file, and sums up at the end.
 *
 * @returns 0; a packet that is not valid is a finding, not a failure
 * @throws {OperatorError} `watch/cannot-read`, `watch/bad-capture-file`, `linux/no-interface`, or when the kernel refuses the socket
 */
export async function watch(options: WatchOptions): Promise<number> {
  const { read, out = process.stdout, err = process.stderr } = options;
  const tally = new PacketTally();
  const format = options.json ? JSON.stringify : textFormat(wantsColor(out, process.env));
  const show: Report = (report) => {
    tally.add(report);
    out.write(`${format(report)}\n`);
  };
  const sumUp = () => err.write(`${tally.lines().join("\n")}\n`);
  try {
    await (read === undefined
      ? watchWire({ interfaceName: options.interface, err, signal: options.signal }, show)
      : replay(read, show));
  } catch (error) {
    // A file that ends early has been read until there.
    if (tally.packets > 0) sumUp();
    throw error;
  }
  sumUp();
  return EXIT.ok;
}

function textFormat(color: boolean): (report: PacketReport) => string {
  return (report) => {
    const line = formatReport(report);
    return report.valid || !color ? line : styleText("red", line, { validateStream: false });
  };
}

/** A file is read as a whole; one this large was captured without a filter. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

async function replay(path: string, show: Report): Promise<void> {
  for (const frame of readCapture(await readWhole(path))) {
    const packet = networkPacket(frame);
    if (!packet) continue;
    const { timeMicros, cut } = frame;
    const sighting = { timeMicros, interfaceName: null, direction: packet.direction, cut };
    const report = reportPacket(packet.bytes, sighting);
    if (report) show(report);
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const cannotRead = (why: string, hint: string) =>
    new OperatorError({ code: "watch/cannot-read", message: `cannot read ${path}: ${why}`, hint });
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) {
      throw cannotRead(
        "it is larger than 512 MiB",
        `Keep the VRRP packets only: tcpdump -r ${path} -w smaller.pcap 'ip proto 112'`,
      );
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw cannotRead(messageOf(error), "Name a pcap or pcapng file that you may read.");
  }
}

interface Wire {
  readonly interfaceName: string | undefined;
  readonly err: Output;
  readonly signal: AbortSignal | undefined;
}

async function watchWire(wire: Wire, show: Report): Promise<void> {
  const { interfaceName, err, signal = interruptSignal() } = wire;
  await new Promise<void>((resolve, reject) => {
    const capture = openPacketCapture({
      interfaceName,
      onPacket({ bytes, timeMicros, interfaceName: seenOn, outgoing }) {
        const report = reportPacket(bytes, {
          timeMicros,
          interfaceName: seenOn,
          direction: outgoing ? "out" : "in",
          cut: false,
        });
        if (report) show(report);
      },
      onError: reject,
    });
    const end = () => {
      capture.close();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    err.write(`Watching VRRP on ${interfaceName ?? "all interfaces"}; Ctrl-C ends.\n`);
  });
}
