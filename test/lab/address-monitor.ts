import type { Host } from "./host.ts";
import { LineReader } from "./line-reader.ts";
import { RunningProcess } from "./process.ts";
import type { Observation } from "./timeline.ts";
import { waitFor } from "./wait-for.ts";

/** Hears from a host's kernel which IPv4 addresses are bound and unbound, each with its time. */
export class AddressMonitor {
  readonly observations: Observation[] = [];
  readonly #host: Host;
  readonly #process: RunningProcess;
  readonly #lines = new LineReader();

  private constructor(host: Host) {
    this.#host = host;
    this.#process = new RunningProcess(["ip", "-n", host.namespace, "-4", "-o", "-ts", "monitor", "address"]);
    this.#process.onStdout((chunk) => this.#feed(chunk.toString()));
  }

  /** Resolves when no later change can be missed. Addresses that are bound already count as bound now. */
  static async start(host: Host): Promise<AddressMonitor> {
    const monitor = new AddressMonitor(host);
    // The monitor says nothing when it is ready, so an address that comes and goes on `lo` is shown to it until it reacts.
    await waitFor(
      async () => {
        await host.ip("address", "add", BEACON, "dev", "lo");
        await host.ip("address", "del", BEACON, "dev", "lo");
        return monitor.#process.stdout().includes(BEACON);
      },
      { what: `the address monitor of ${host.name}`, seen: () => monitor.#process.stderr() },
    );
    const atMs = Date.now();
    for (const bound of await host.boundAddresses()) {
      monitor.observations.push({ kind: "bound", atMs, host: host.name, ...prefixOf(bound) });
    }
    return monitor;
  }

  async stop(): Promise<void> {
    await this.#process.killTree();
  }

  #feed(text: string): void {
    for (const line of this.#lines.feed(text)) this.#readLine(line);
  }

  #readLine(line: string): void {
    const match = /^\[(\S+)\] (Deleted )?\d+: (\S+)\s+inet ([\d./]+)/.exec(line);
    if (!match || match[3] !== this.#host.interfaceName) return;
    this.observations.push({
      kind: match[2] ? "unbound" : "bound",
      atMs: instant(match[1] ?? ""),
      host: this.#host.name,
      ...prefixOf(match[4] ?? ""),
    });
  }
}

function prefixOf(text: string): { address: string; prefixLength: number } {
  const [address = "", length = "32"] = text.split("/");
  return { address, prefixLength: Number(length) };
}

const BEACON = "127.77.77.77";

/** `2026-11-20T11:47:51.123456` in UTC; Date knows milliseconds only, adverts come faster than that matters. */
function instant(text: string): number {
  const [seconds = "", fraction = "0"] = text.split(".");
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}
