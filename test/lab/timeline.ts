/** Something that an onlooker noticed about a host. Times are milliseconds since 1970. */
export type Observation =
  | {
      readonly kind: "bound" | "unbound";
      readonly atMs: number;
      readonly host: string;
      readonly address: string;
      readonly prefixLength: number;
    }
  | {
      readonly kind: "advertises";
      readonly atMs: number;
      readonly host: string;
      readonly vrid: number;
      readonly priority: number;
    };

/** A time during which more than one host had the address bound. */
export interface Overlap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly hosts: readonly string[];
}

/** The hosts that have `address` bound, with whatever prefix length, after all of `observations`. */
export function holdersOf(observations: readonly Observation[], address: string): readonly string[] {
  const holders: Holders = new Map();
  for (const observation of observations) change(holders, observation, address);
  return [...holders.keys()];
}

/** When more than one host had `address` bound. One that has not ended reaches to `nowMs`. */
export function overlapsOf(
  observations: readonly Observation[],
  address: string,
  nowMs: number,
): readonly Overlap[] {
  const overlaps: Overlap[] = [];
  const holders: Holders = new Map();
  let open: { fromMs: number; hosts: Set<string> } | undefined;
  const close = (toMs: number) => {
    if (open) overlaps.push({ fromMs: open.fromMs, toMs, hosts: [...open.hosts] });
    open = undefined;
  };
  for (const observation of observations) {
    change(holders, observation, address);
    if (holders.size < 2) close(observation.atMs);
    else open ??= { fromMs: observation.atMs, hosts: new Set() };
    for (const holder of holders.keys()) open?.hosts.add(holder);
  }
  close(nowMs);
  return overlaps;
}

/** One line an observation, with ms since the first; a run of equal adverts is one line with their number. */
export function describeTimeline(observations: readonly Observation[]): string {
  const start = observations[0]?.atMs ?? 0;
  const lines: { text: string; count: number; atMs: number; untilMs: number }[] = [];
  const latest = new Map<string, (typeof lines)[number]>();
  for (const observation of observations) {
    const text = describe(observation);
    const previous = latest.get(observation.host);
    if (observation.kind === "advertises" && previous?.text === text) {
      previous.count += 1;
      previous.untilMs = observation.atMs;
      continue;
    }
    const line = { text, count: 1, atMs: observation.atMs, untilMs: observation.atMs };
    lines.push(line);
    latest.set(observation.host, line);
  }
  const stamp = (ms: number) => (ms - start).toFixed(1).padStart(9);
  return lines
    .map(({ text, count, atMs, untilMs }) => {
      const times = count > 1 ? ` (${count} times, until ${stamp(untilMs).trim()})` : "";
      return `${stamp(atMs)} ms  ${text}${times}`;
    })
    .join("\n");
}

/** By host, the prefix lengths with which it has the address bound: the kernel keeps each as an entry of its own. */
type Holders = Map<string, Set<number>>;

function change(holders: Holders, observation: Observation, address: string): void {
  if (observation.kind === "advertises" || observation.address !== address) return;
  const { host, prefixLength } = observation;
  const entries = holders.get(host) ?? new Set();
  if (observation.kind === "bound") entries.add(prefixLength);
  else entries.delete(prefixLength);
  if (entries.size > 0) holders.set(host, entries);
  else holders.delete(host);
}

function describe(observation: Observation): string {
  const { host } = observation;
  switch (observation.kind) {
    case "bound":
      return `${host} binds ${observation.address}/${observation.prefixLength}`;
    case "unbound":
      return `${host} unbinds ${observation.address}/${observation.prefixLength}`;
    case "advertises":
      return `${host} advertises VRID ${observation.vrid} with priority ${observation.priority}`;
  }
}
