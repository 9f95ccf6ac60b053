import { describe, expect, it } from "vitest";
import { seconds } from "../../src/base/units.ts";
import type { CallFailure } from "../../src/takeover/events.ts";
import { type CloudCall, type Fate, PROMPT, path } from "./cloud.ts";
import { World } from "./world.ts";

const S = 1_000;

/**
 * What clouds and networks do to a pair, and what becomes of it. `a` (priority 200) has been MASTER for a minute and `b` (100)
 * its BACKUP, unless `start` says otherwise.
 */
interface Row {
  readonly fault: string;
  /** Makes it happen and lets the time pass that the pair needs. */
  readonly play: (world: World) => void;
  readonly masters: string;
  /** Who has the address in the cloud in the end. */
  readonly holder: string | undefined;
  /** Every way that the address went since the fault. */
  readonly path: string | RegExp;
  readonly also?: (world: World) => void;
  readonly start?: readonly string[];
}

const refused = (failure: Partial<CallFailure> = {}, takes = 50): Fate => ({
  ...{ kind: "refused", takes, failure: { retry: "soon", message: "HTTP 500", ...failure } },
});
const hangs: Fate = { kind: "lost", takes: 2_500, late: Number.POSITIVE_INFINITY };

/** For `duration` ms every call that `matches` has this fate. */
function every(
  world: World,
  duration: number,
  fate: Fate,
  matches: (call: CloudCall) => boolean = () => true,
) {
  const end = world.now + duration;
  const before = world.cloud.fateOf;
  world.cloud.fateOf = (call) => (call.at < end && matches(call) ? fate : before(call));
}

const claims = ({ operation }: CloudCall) => operation === "claim";
const owners = ({ operation }: CloudCall) => operation === "owner";
const of = (name: string) => (call: CloudCall) => call.node === name;

/** The fault lasts for `duration` while `a` dies, so that `b` has to claim. */
function failoverDuring(duration: number, fate: Fate) {
  return (world: World) => {
    world.kill("a");
    every(world, duration, fate);
    world.run(duration + 5 * S);
  };
}

const claimTimes = (world: World, node: string) =>
  world.cloud.calls.filter((call) => claims(call) && call.node === node).map(({ at }) => at);

const failover = { masters: "b", holder: "b", path: "a→b" } as const;
const unmoved = { masters: "a", holder: "a", path: "" } as const;

const api: readonly Row[] = [
  { fault: "the API answers 500 for a minute", play: failoverDuring(60 * S, refused()), ...failover },
  { fault: "the API breaks every connection", play: failoverDuring(60 * S, refused({}, 1)), ...failover },
  { fault: "the API hangs until the deadline", play: failoverDuring(60 * S, hangs), ...failover },
  {
    fault: "the API throttles and names no time",
    play: failoverDuring(30 * S, refused({ message: "RequestLimitExceeded" })),
    ...failover,
    also: (world) => expect(claimTimes(world, "b").length).toBeLessThan(30),
  },
  {
    fault: "the API throttles and asks for 3 s",
    play: failoverDuring(8 * S, refused({ retryAfter: seconds(3) })),
    ...failover,
    also: (world) => expect(Math.min(...gaps(claimTimes(world, "b")))).toBeGreaterThanOrEqual(3 * S),
  },
  {
    fault: "the API asks for an hour",
    play: (world) => {
      world.kill("a");
      every(world, 5 * S, refused({ retryAfter: seconds(3600) }));
      world.run(25 * S);
    },
    ...failover,
  },
  {
    fault: "the answer of a claim that succeeded gets lost",
    play: failoverDuring(4 * S, { kind: "lost", takes: 2_500, late: 40 }),
    ...failover,
    also: (world) => expect(claimTimes(world, "b")).toHaveLength(2),
  },
  {
    fault: "access is denied: tried again slowly, until somebody mends it",
    play: (world) => {
      world.kill("a");
      every(world, 40 * S, refused({ retry: "slowly", message: "UnauthorizedOperation" }));
      world.run(60 * S);
    },
    ...failover,
    also: (world) => expect(claimTimes(world, "b").length).toBeLessThanOrEqual(5),
  },
  {
    fault: "the clock is wrong, so that every signature is refused, and the BACKUP says so beforehand",
    play: (world) => {
      every(world, 400 * S, refused({ retry: "slowly", message: "RequestExpired" }));
      world.run(400 * S);
    },
    ...unmoved,
    also: (world) => expect(world.said("b")).toContain("cloud-not-ready"),
  },
  {
    fault: "the role loses a permission, as the rehearsal of the BACKUP finds out, and gets it back",
    play: (world) => {
      every(world, 320 * S, { ...PROMPT, obstacles: ["no permission"] } as Fate, of("b"));
      world.run(400 * S);
    },
    ...unmoved,
    also: (world) =>
      expect(world.said("b").filter((what) => what.endsWith("ready"))).toEqual([
        ...["cloud-ready", "cloud-not-ready", "cloud-ready"],
      ]),
  },
  {
    fault: "the API is down when everything starts",
    start: [],
    play: (world) => {
      every(world, 90 * S, hangs);
      world.start("a", "b");
      world.run(95 * S);
    },
    masters: "a",
    holder: "a",
    path: "",
  },
  {
    fault: "the API goes down for an hour under a MASTER that has the address",
    play: (world) => {
      every(world, 3_600 * S, refused());
      world.run(3_600 * S);
    },
    ...unmoved,
    also: (world) => expect(world.said("a").filter((what) => what === "cloud-unknown")).toHaveLength(1),
  },
  {
    fault: "metadata are down, so that nobody knows who has the address",
    play: (world) => {
      every(world, 300 * S, refused({ message: "no metadata" }), owners);
      world.run(300 * S);
    },
    ...unmoved,
  },
];

const reads: readonly Row[] = [
  {
    fault: "reads lag behind the claim, within the consistency window",
    play: (world) => {
      world.kill("a");
      every(world, 20 * S, { kind: "answered", takes: 80, lag: 4 * S }, owners);
      world.run(20 * S);
    },
    ...failover,
    also: (world) => expect(claimTimes(world, "b")).toHaveLength(1),
  },
  {
    fault: "reads lag for longer than the consistency window admits: an interruption, and then all is well",
    play: (world) => {
      world.kill("a");
      every(world, 60 * S, { kind: "answered", takes: 80, lag: 8 * S }, owners);
      world.run(60 * S);
    },
    ...failover,
  },
  {
    fault: "one look shows another holder, and the next does not",
    play: (world) => {
      let looks = 0;
      const wrong: Fate = { kind: "answered", takes: 80, lag: Number.POSITIVE_INFINITY };
      every(world, 60 * S, wrong, (call) => owners(call) && ++looks % 2 === 0);
      world.run(60 * S);
    },
    ...unmoved,
    also: (world) => expect(world.said("a")).not.toContain("cloud-repair"),
  },
  {
    fault: "the holder flaps between two strangers",
    play: (world) => {
      for (let at = 0; at < 10_500; at += 250)
        world.at(world.now + at, () => world.cloud.give(at % 500 ? "x" : "y", world.now));
      world.run(60 * S);
    },
    masters: "a",
    holder: "a",
    path: /→a$/,
  },
];

const holders: readonly Row[] = [
  {
    fault: "somebody unassigns the address by hand",
    play: (world) => {
      world.cloud.give(undefined, world.now);
      world.run(12 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→nobody nobody→a",
  },
  {
    fault: "a stranger takes the address once",
    play: (world) => {
      world.cloud.give("x", world.now);
      world.run(12 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→x x→a",
  },
  {
    fault: "a stranger takes the address every second: three claims a minute, then an alarm",
    play: (world) => {
      for (let at = 0; at < 120; at++) world.at(world.now + at * S, () => world.cloud.give("x", world.now));
      world.run(119.5 * S);
    },
    masters: "a",
    holder: "x",
    path: /^a→x( x→a a→x){3,7}$/,
    also: (world) => expect(world.said("a")).toContain("cloud-contested"),
  },
  {
    fault: "a BACKUP's late claim takes the address from the MASTER that it hears",
    play: (world) => {
      world.cloud.give("b", world.now);
      world.run(12 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "a claim completes 20 s after its node lost mastership",
    play: (world) => {
      every(
        world,
        2 * S,
        { kind: "lost", takes: 1_000, late: 20 * S },
        (call) => claims(call) && call.node === "b",
      );
      world.pause("a");
      world.run(3.2 * S);
      world.wake("a");
      world.run(40 * S);
    },
    masters: "a",
    holder: "a",
    path: /→b b→a$/,
  },
  {
    fault: "a claim completes after a higher priority has preempted its node",
    start: [],
    play: (world) => {
      every(
        world,
        10 * S,
        { kind: "lost", takes: 2_500, late: 15 * S },
        (call) => claims(call) && call.node === "b",
      );
      world.start("b");
      world.run(5 * S);
      world.start("a");
      world.run(60 * S);
    },
    masters: "a",
    holder: "a",
    path: /^a→b b→a$/,
  },
  {
    fault: "the holder's server is stopped while the other one is on hold",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(40 * S);
      expect(world.takeover("b").mode.kind).toBe("on-hold");
      world.kill("a");
      world.cloud.stopped.add("a");
      world.run(20 * S);
    },
    masters: "b",
    holder: "b",
    path: "a→b b→a a→b",
  },
  {
    fault: "the address is taken from the holder while the other one is on hold",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(40 * S);
      world.kill("a");
      world.cloud.give(undefined, world.now);
      world.run(20 * S);
    },
    masters: "b",
    holder: "b",
    path: "a→b b→a a→nobody nobody→b",
  },
  {
    fault: "the API goes down while a node is on hold",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(40 * S);
      every(world, 600 * S, hangs);
      world.run(610 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "the holder's agent dies unseen while the other one is on hold: nothing in the cloud tells",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(40 * S);
      world.kill("a");
      world.run(600 * S);
    },
    masters: "",
    holder: "a",
    path: "a→b b→a",
  },
];

const partitions: readonly Row[] = [
  {
    fault: "a partition in which both reach the API: the incumbent keeps the address",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(300 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "a partition heals, and the election decides again",
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.run(60 * S);
      world.heal();
      world.run(10 * S);
      world.stop("a");
      world.run(10 * S);
    },
    masters: "b",
    holder: "b",
    path: "a→b b→a a→b",
  },
  {
    fault: "a partition in which the MASTER does not reach the API any more",
    play: (world) => {
      world.cut(["a"], ["b"]);
      every(world, 120 * S, hangs, of("a"));
      world.run(115 * S);
      expect(world.masters()).toEqual(["a", "b"]);
      world.run(60 * S);
    },
    ...failover,
  },
  {
    fault: "a partition in which the new MASTER does not reach the API",
    play: (world) => {
      world.cut(["a"], ["b"]);
      every(world, 120 * S, hangs, of("b"));
      world.run(115 * S);
      expect(world.cloud.holderAt()).toBe("a");
      world.run(60 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "only one way is cut: the BACKUP hears nobody, and is heard",
    play: (world) => {
      world.cutOneWay("a", "b");
      world.run(300 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "only one way is cut: the MASTER does not hear the BACKUP, which says nothing",
    play: (world) => {
      world.cutOneWay("b", "a");
      world.run(300 * S);
    },
    ...unmoved,
  },
  {
    fault: "both start in a partition and know nothing of each other",
    start: [],
    play: (world) => {
      world.cut(["a"], ["b"]);
      world.start("a", "b");
      world.run(300 * S);
    },
    ...failover,
  },
];

const nodes: readonly Row[] = [
  {
    fault: "the service thread dies during a claim",
    play: (world) => {
      world.kill("a");
      every(world, 10 * S, { kind: "lost", takes: 60 * S, late: Infinity }, claims);
      world.run(5 * S);
      every(world, 0, PROMPT);
      world.cloud.fateOf = () => PROMPT;
      world.tell("b", { kind: "calls-lost" });
      world.run(1 * S);
    },
    ...failover,
  },
  {
    fault: "the service thread stalls for 11 s under a MASTER, and is started anew",
    play: (world) => {
      every(world, 11 * S, { kind: "lost", takes: 60 * S, late: Infinity });
      world.run(11 * S);
      world.tell("a", { kind: "calls-lost" });
      world.run(30 * S);
    },
    ...unmoved,
  },
  {
    fault: "the MASTER is frozen for 30 s, and brings the address back",
    play: (world) => {
      world.pause("a");
      world.run(30 * S);
      expect(world.cloud.holderAt()).toBe("b");
      world.wake("a");
      world.run(12 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "the MASTER's machine is moved for 30 s, and what was sent to it is lost",
    play: (world) => {
      world.pause("a", "lost");
      world.run(30 * S);
      world.wake("a");
      world.run(12 * S);
    },
    masters: "a",
    holder: "a",
    path: "a→b b→a",
  },
  {
    fault: "the agent of the MASTER is killed and started again at once",
    play: (world) => {
      world.kill("a");
      world.run(1 * S);
      world.restart("a");
      world.run(30 * S);
    },
    masters: "a",
    holder: "a",
    path: /^(a→b b→a)?$/,
  },
];

describe.each([
  ["the API", api],
  ["what the cloud shows", reads],
  ["who has the address", holders],
  ["a partition", partitions],
  ["a node", nodes],
] as const)("faults of %s", (_, rows) => {
  it.each(rows.map((row) => [row.fault, row] as const))("%s", (_fault, row) => {
    const { start = ["a", "b"], play, masters, holder, path: way, also } = row;
    const world = new World([
      { name: "a", priority: 200, preempt: true },
      { name: "b", priority: 100, preempt: true },
    ]);
    world.start(...start);
    if (start.length > 0) world.run(60 * S);
    const begin = world.now;
    play(world);
    const went = path(world.cloud.moves(begin));
    expect(went).toEqual(typeof way === "string" ? way : expect.stringMatching(way));
    expect([world.masters().join(" "), world.cloud.holderAt()]).toEqual([masters, holder]);
    expect(world.bound()).toEqual(world.masters());
    also?.(world);
  });
});

function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}
