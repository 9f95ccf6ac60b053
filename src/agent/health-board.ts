import { isDeepStrictEqual } from "node:util";
import type { TrackerConfig } from "../config/track-config.ts";
import type { Network } from "../linux/network.ts";
import { withoutUrlSecrets } from "../notify/redact.ts";
import type { TrackerSnapshot } from "../status/snapshot.ts";
import type { Health } from "../track/counter.ts";
import type { TrackerState } from "../track/influence.ts";
import type { TrackerReport } from "../track/tracker.ts";

interface Entry {
  readonly config: TrackerConfig;
  readonly state: TrackerState;
  readonly detail: string;
  readonly warning: string | undefined;
  /** Undefined before the first result. */
  readonly since: Date | undefined;
}

export interface HealthBoardPorts {
  readonly network: Network;
  /** A tracker's state is another one. */
  readonly onChange: (report: TrackerReport) => void;
  readonly onWarning: (name: string, warning: string) => void;
}

/** What the agent knows of every tracker. What the side process reported last holds until it reports something else. */
export class HealthBoard {
  readonly #ports: HealthBoardPorts;
  readonly #entries = new Map<string, Entry>();

  constructor(ports: HealthBoardPorts) {
    this.#ports = ports;
    ports.network.onChange((event) => {
      if (event.kind !== "address-added" && event.kind !== "address-removed") this.#lookAtLinks();
    });
  }

  /** A tracker that stays as it is keeps its state. */
  configure(trackers: readonly TrackerConfig[]): void {
    for (const name of [...this.#entries.keys()]) {
      if (!trackers.some((config) => config.name === name)) this.#entries.delete(name);
    }
    for (const config of trackers) {
      if (isDeepStrictEqual(this.#entries.get(config.name)?.config, config)) continue;
      this.#entries.set(config.name, {
        config,
        state: { kind: "unknown" },
        detail: "not checked yet",
        warning: undefined,
        since: undefined,
      });
    }
    this.#lookAtLinks();
  }

  readonly stateOf = (name: string): TrackerState => this.#entries.get(name)?.state ?? { kind: "unknown" };

  detailOf(name: string): string {
    return this.#entries.get(name)?.detail ?? "";
  }

  /** For a side process that starts: an outage of it is no reason to forget. */
  known(): Readonly<Record<string, Health>> {
    const known = [...this.#entries].flatMap(([name, { state }]) =>
      state.kind === "up" || state.kind === "down" ? [[name, state.kind] as const] : [],
    );
    return Object.fromEntries(known);
  }

  receive(found: TrackerReport): void {
    // A script may print the address that it asked, with whatever stands in it.
    const report = { ...found, detail: withoutUrlSecrets(found.detail) };
    const { name, state, detail, warning } = report;
    const entry = this.#entries.get(name);
    // A report may be on its way while a reload removes its tracker.
    if (!entry) return;
    const changed = !isDeepStrictEqual(entry.state, state);
    const since = changed ? new Date() : entry.since;
    this.#entries.set(name, { ...entry, state, detail, warning, since });
    if (warning !== undefined && warning !== entry.warning) this.#ports.onWarning(name, warning);
    if (changed) this.#ports.onChange(report);
  }

  snapshot(): readonly TrackerSnapshot[] {
    return [...this.#entries].map(([name, { config, state, detail, warning, since }]) => ({
      name,
      kind: config.check.kind,
      state: state.kind,
      value: state.kind === "value" ? state.value : null,
      detail,
      warning: warning ?? null,
      since: since?.toISOString() ?? null,
    }));
  }

  /** The kernel tells of links at once, so they need no check that looks again and again. */
  #lookAtLinks(): void {
    for (const [name, { config }] of this.#entries) {
      if (config.check.kind !== "interface") continue;
      const { interfaceName } = config.check;
      const link = this.#ports.network.link(interfaceName);
      const detail = link ? `${interfaceName} is ${link.up ? "up" : "down"}` : `there is no ${interfaceName}`;
      const state = { kind: link?.up ? "up" : "down" } as const;
      this.receive({ name, state, detail, warning: undefined });
    }
  }
}
