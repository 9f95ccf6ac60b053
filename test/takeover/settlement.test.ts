import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fate, type Move, PROMPT, path } from "./cloud.ts";
import { type NodePlan, TAKEOVER, World } from "./world.ts";

const S = 1_000;
/** Calls in these worlds take no longer. */
const SLOWEST_CALL = 100;
const INTERVAL = TAKEOVER.verifyInterval;
const STATES: ReadonlySet<string> = new Set(["MASTER", "BACKUP", "FAULT", "INIT"]);

/** Two to five nodes. Those of equal priority wake together and claim together, one more often than is needed. */
const group = fc
  .record({
    preempt: fc.boolean(),
    priorities: fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 2, maxLength: 5 }),
  })
  .map(({ preempt, priorities }): readonly NodePlan[] =>
    priorities.map((priority, index) => ({ name: "abcde"[index] ?? "", priority, preempt })),
  );

const duration = fc.infiniteStream(fc.integer({ min: 5, max: SLOWEST_CALL }));

interface Surroundings {
  readonly plans: readonly NodePlan[];
  readonly takes: fc.Stream<number>;
  readonly seed: number;
}

const surroundings: fc.Arbitrary<Surroundings> = fc.record({ plans: group, takes: duration, seed: fc.nat() });

function worldOf({ plans, takes, seed }: Surroundings): World {
  const world = new World(plans, { seed });
  world.cloud.fateOf = () => ({ kind: "answered", takes: takes.next().value });
  return world;
}

const names = (plans: readonly NodePlan[]) => plans.map(({ name }) => name);

/** Sorts the nodes into the sides of a partition. */
function sides(plans: readonly NodePlan[], choice: readonly number[]): readonly (readonly string[])[] {
  return [0, 1, 2].map((side) => names(plans).filter((_, index) => (choice[index] ?? 0) === side));
}

const partition = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 });

/** One owner, and nobody else believes to be. */
function expectOneOwner(world: World): void {
  const holder = world.cloud.holderAt();
  expect(world.masters()).toEqual([holder]);
  expect(world.bound()).toEqual([holder]);
}

/** Within an interval and a second a MASTER that lost the address has given it up, or taken it back. */
function expectLosersGaveUp(world: World, moves: readonly Move[]): void {
  for (const { at, from } of moves) {
    if (from === undefined || stateOf(world, from, at) !== "MASTER") continue;
    const end = at + INTERVAL + 1 * S;
    const tookBack = moves.some((move) => move.to === from && move.at > at && move.at <= end);
    expect(tookBack || stateOf(world, from, end) === "BACKUP", `${from} after ${at}`).toBe(true);
  }
}

function stateOf(world: World, name: string, at: number): string | undefined {
  return world.journal.findLast((entry) => entry.node === name && entry.at <= at && STATES.has(entry.what))
    ?.what;
}

describe("invariant 5: a partition in which everybody reaches the API", () => {
  it("settles after at most 2(n-1) moves, and stays settled until it heals", () => {
    fc.assert(
      fc.property(surroundings, partition, fc.integer({ min: 0, max: 120 * S }), (around, choice, before) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(before);
        const begin = world.now;
        world.cut(...sides(around.plans, choice));
        world.run(180 * S);
        const moves = world.cloud.moves(begin);
        expect(moves.length, path(moves)).toBeLessThanOrEqual(2 * (around.plans.length - 1));
        expectOneOwner(world);
        expectLosersGaveUp(world, moves);

        const settled = world.now;
        world.run(900 * S);
        expect(path(world.cloud.moves(settled))).toBe("");
        expect(world.journal.filter(({ at, what }) => at > settled && what === "MASTER")).toEqual([]);

        world.heal();
        world.run(30 * S);
        expectOneOwner(world);
      }),
      { numRuns: 300 },
    );
  });

  it("settles too where all have the same priority", () => {
    const equals = surroundings.map(({ plans, ...rest }) => ({
      plans: plans.map((plan) => ({ ...plan, priority: 100 })),
      ...rest,
    }));
    fc.assert(
      fc.property(equals, partition, (around, choice) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(60 * S);
        world.cut(...sides(around.plans, choice));
        world.run(300 * S);
        expectOneOwner(world);
        const settled = world.now;
        world.run(900 * S);
        expect(path(world.cloud.moves(settled))).toBe("");
      }),
    );
  });

  it("leaves the address where it has been for long", () => {
    fc.assert(
      fc.property(surroundings, partition, (around, choice) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(90 * S);
        const holder = world.cloud.holderAt();
        world.cut(...sides(around.plans, choice));
        world.run(180 * S);
        expect(world.cloud.holderAt()).toBe(holder);
      }),
    );
  });

  it("ends for a loser as soon as the owner's server is gone", () => {
    fc.assert(
      fc.property(surroundings, partition, (around, choice) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(90 * S);
        world.cut(...sides(around.plans, choice));
        world.run(180 * S);
        const gone = world.cloud.holderAt() ?? "";
        world.kill(gone);
        world.cloud.stopped.add(gone);
        world.run(240 * S);
        expectOneOwner(world);
        expect(world.cloud.holderAt()).not.toBe(gone);
      }),
    );
  });
});

describe("invariant 3: a claim that completes after mastership was lost", () => {
  it("is repaired within one verify interval", () => {
    const late = fc.integer({ min: 1 * S, max: 30 * S });
    fc.assert(
      fc.property(surroundings, late, fc.integer({ min: 4 * S, max: 10 * S }), (around, delay, when) => {
        const world = worldOf(around);
        const lowest = Math.min(...around.plans.map(({ priority }) => priority));
        const straggler = around.plans.find(({ priority }) => priority === lowest)?.name ?? "";
        const prompt = world.cloud.fateOf;
        world.cloud.fateOf = (call) =>
          call.node === straggler ? { kind: "lost", takes: 2_500, late: delay } : prompt(call);
        world.start(straggler);
        world.run(when);
        world.start(...names(around.plans).filter((name) => name !== straggler));
        world.run(2 * S);
        // With preempt it has been preempted, or is about to; without, it has to go by itself.
        if (!around.plans[0]?.preempt) world.stop(straggler);
        world.run(delay + 5 * S);
        world.run(INTERVAL);
        expectOneOwner(world);
        expect(world.cloud.holderAt()).not.toBe(straggler);
      }),
      { numRuns: 300 },
    );
  });
});

describe("invariant 4: an API that is down for everybody", () => {
  it("changes no state, however long it is", () => {
    fc.assert(
      fc.property(surroundings, fc.integer({ min: 10 * S, max: 3_600 * S }), (around, outage) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(60 * S);
        const [begin, masters] = [world.now, world.masters()];
        world.cloud.fateOf = () => failing;
        world.run(outage);
        expect(world.masters()).toEqual(masters);
        expect(world.journal.filter(({ at, what }) => at >= begin && STATES.has(what))).toEqual([]);
      }),
    );
  });
});

const failing: Fate = { kind: "refused", takes: 2_500, failure: { retry: "soon", message: "no answer" } };

describe("invariant 6: a failover during an outage", () => {
  it("is complete in the cloud 5 s after its end", () => {
    fc.assert(
      fc.property(surroundings, fc.integer({ min: 5 * S, max: 600 * S }), (around, outage) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(60 * S);
        const end = world.now + outage;
        world.cloud.fateOf = ({ at }) => (at < end ? failing : ({ ...PROMPT, takes: 2_500 } as Fate));
        world.kill(world.masters()[0] ?? "");
        world.runTo(end + 5 * S);
        expect([world.cloud.holderAt()]).toEqual(world.masters());
      }),
    );
  });
});

describe("invariant 7: a paused node that wakes", () => {
  const packets = fc.constantFrom("kept" as const, "lost" as const);

  it("neither advertises nor claims while another is MASTER, and afterwards one owner is left", () => {
    fc.assert(
      fc.property(surroundings, packets, fc.integer({ min: 5 * S, max: 300 * S }), (around, fate, pause) => {
        const world = worldOf(around);
        world.start(...names(around.plans));
        world.run(90 * S);
        const sleeper = world.masters()[0] ?? "";
        const plan = around.plans.find(({ name }) => name === sleeper);
        world.pause(sleeper, fate);
        world.run(pause);
        const successor = world.masters()[0] ?? "";
        const woke = world.now;
        world.wake(sleeper);
        world.run(INTERVAL + 10 * S);
        expectOneOwner(world);
        const successorsPriority = around.plans.find(({ name }) => name === successor)?.priority ?? 0;
        if (plan && plan.priority > successorsPriority) expect(world.cloud.holderAt()).toBe(sleeper);
        const heard = world.journal.find(
          ({ at, node, what }) => at > woke && node === successor && what === "advert",
        );
        const spoke = world.journal.find(
          ({ at, node, what }) =>
            at >= woke && node === sleeper && (what === "advert" || what === "call claim"),
        );
        if (fate === "lost" && spoke && heard) expect(spoke.at).toBeGreaterThanOrEqual(heard.at);
      }),
      { numRuns: 300 },
    );
  });
});
