import { AddressMonitor } from "./address-monitor.ts";
import { Capture, type WireAdvert } from "./capture.ts";
import type { Host } from "./host.ts";
import { describeTimeline, holdersOf, type Observation, type Overlap, overlapsOf } from "./timeline.ts";
import { waitFor } from "./wait-for.ts";

/** Watches from outside who has addresses bound, and who advertises. It asks kernels and the wire, never the agents. */
export class Observer {
  readonly capture: Capture;
  readonly #hosts: readonly Host[];
  readonly #monitors: readonly AddressMonitor[];

  private constructor(hosts: readonly Host[], monitors: readonly AddressMonitor[], capture: Capture) {
    this.#hosts = hosts;
    this.#monitors = monitors;
    this.capture = capture;
  }

  static async start(lab: {
    readonly hosts: readonly Host[];
    readonly switchNamespace: string;
    readonly bridge: string;
  }): Promise<Observer> {
    const hosts = [...lab.hosts];
    const [capture, ...monitors] = await Promise.all([
      Capture.start({
        namespace: lab.switchNamespace,
        interfaceName: lab.bridge,
        filter: "ip proto 112 or arp",
      }),
      ...hosts.map((host) => AddressMonitor.start(host)),
    ]);
    return new Observer(hosts, monitors, capture);
  }

  /** Everything noticed so far, in the order of time. */
  timeline(): readonly Observation[] {
    const adverts = this.capture.adverts.map(
      ({ atMs, source, vrid, priority }): Observation => ({
        kind: "advertises",
        atMs,
        host: this.#hosts.find(({ address }) => address === source)?.name ?? source,
        vrid,
        priority,
      }),
    );
    return inOrder([...adverts, ...this.#bindings()]);
  }

  /** The hosts that have `address` bound now, in the order in which they bound it. */
  holders(address: string): readonly string[] {
    return holdersOf(inOrder(this.#bindings()), address);
  }

  /** When `address` was bound to more than one host at once. */
  overlaps(address: string): readonly Overlap[] {
    return overlapsOf(this.timeline(), address, Date.now());
  }

  /** The adverts of one host, oldest first. */
  advertsOf(host: Host): readonly WireAdvert[] {
    return this.capture.adverts.filter(({ source }) => source === host.address);
  }

  /** Waits until `host`, and nobody else, has `address` bound. */
  async waitForHolder(address: string, host: Host, deadlineMs?: number): Promise<void> {
    await this.waitFor(() => this.holders(address).join() === host.name, {
      what: `${host.name} alone to have ${address} bound`,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
  }

  /** Waits for a condition on what was noticed; the error shows the timeline. */
  async waitFor(
    condition: () => boolean,
    options: { readonly what: string; readonly deadlineMs?: number },
  ): Promise<void> {
    await waitFor(condition, { ...options, seen: () => `\n${this.describe()}` });
  }

  describe(): string {
    return describeTimeline(this.timeline());
  }

  async stop(): Promise<void> {
    await Promise.all([this.capture.stop(), ...this.#monitors.map((monitor) => monitor.stop())]);
  }

  #bindings(): readonly Observation[] {
    return this.#monitors.flatMap(({ observations }) => observations);
  }
}

function inOrder(observations: readonly Observation[]): readonly Observation[] {
  return [...observations].sort((a, b) => a.atMs - b.atMs);
}
