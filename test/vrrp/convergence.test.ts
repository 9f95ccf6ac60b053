import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { masterDownInterval } from "../../src/vrrp/timers.ts";
import { ip, settingsWith } from "./fixtures.ts";
import { expectInvariants } from "./step-invariants.ts";
import { type NodePlan, type Stepped, World } from "./world.ts";

/** Links that lose nothing and take no longer than this, once the disturbances are over. */
const LONGEST_TRAVEL = 20;

const INTERVAL = fc.constantFrom(100, 300, 1000);

interface Group {
  readonly plans: readonly NodePlan[];
  readonly preempt: boolean;
}

const group: fc.Arbitrary<Group> = fc
  .record({
    version: fc.constantFrom(2 as const, 3 as const),
    preempt: fc.boolean(),
    lowerPrioNoAdvert: fc.boolean(),
    advertInterval: INTERVAL,
    nodes: fc.array(
      fc.record({
        priority: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(100, 100, 254, 255)),
        // VRRPv3 learns the MASTER's interval; VRRPv2 admits one interval only.
        own: INTERVAL,
      }),
      { minLength: 2, maxLength: 5 },
    ),
  })
  .map(({ version, preempt, lowerPrioNoAdvert, advertInterval, nodes }) => ({
    preempt,
    plans: nodes.map(({ priority, own }, index) => ({
      name: nameOf(index),
      address: ip(`10.0.0.${index + 1}`),
      settings: settingsWith({
        version,
        preempt,
        priority,
        lowerPrioNoAdvert,
        advertInterval: version === 2 ? advertInterval : own,
      }),
    })),
  }));

interface Disturbance {
  readonly nodes: readonly string[];
  readonly happens: (world: World) => void;
  /** What a counterexample shows. */
  readonly toString: () => string;
}

const node = fc.constantFrom(..."abcde");

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.tuple(node, node).map(([a, b]) => disturbing("cut", [a, b], (world) => world.cut(a, b))),
  fc.tuple(node, node).map(([a, b]) => disturbing("heal", [a, b], (world) => world.heal(a, b))),
  node.map((it) => disturbing("crash", [it], (world) => world.crash(it))),
  node.map((it) => disturbing("reboot", [it], (world) => world.reboot(it))),
  fc
    .tuple(node, fc.integer({ min: 1, max: 254 }))
    .map(([it, priority]) =>
      disturbing(`priority ${priority}`, [it], (world) =>
        world.happens(it, { kind: "priority-changed", priority }),
      ),
    ),
  fc
    .tuple(node, fc.constantFrom("stopped" as const, "started" as const))
    .map(([it, kind]) => disturbing(kind, [it], (world) => world.happens(it, { kind }))),
  fc
    .tuple(node, fc.constantFrom("fault-raised" as const, "fault-cleared" as const))
    .map(([it, kind]) =>
      disturbing(kind, [it], (world) => world.happens(it, { kind, fault: "interface-down" })),
    ),
);

const script = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 5000 }), disturbance }), {
  maxLength: 15,
});

/** How long adverts travel, one after the other, and which get lost while the disturbances last. */
const network = fc.record({
  travel: fc.infiniteStream(fc.double({ min: 0.01, max: LONGEST_TRAVEL, noNaN: true })),
  lost: fc.infiniteStream(fc.integer({ min: 0, max: 9 }).map((dice) => dice < 3)),
});

describe("a group of two to five routers", () => {
  it("has exactly one MASTER within master-down and one advert after the last disturbance, and keeps it", () => {
    fc.assert(
      fc.property(group, script, network, ({ plans, preempt }, events, { travel, lost }) => {
        let disturbed = true;
        const transitions: Stepped[] = [];
        const observe = (stepped: Stepped) => {
          if (stepped.before.state.kind === stepped.next.state.kind) return;
          expectInvariants(stepped);
          transitions.push(stepped);
        };
        const takes = () => (lost.next().value && disturbed ? undefined : travel.next().value);
        const world = new World(plans, { observe, travel: takes });
        const there = new Set(plans.map(({ name }) => name));
        for (const { name } of plans) world.happens(name, { kind: "started" });
        for (const { wait, disturbance } of events) {
          world.runTo(world.now + wait);
          if (disturbance.nodes.every((name) => there.has(name))) disturbance.happens(world);
        }
        disturbed = false;
        world.healAll();

        world.runTo(world.now + settlingTime(plans));
        const electorate = world.electorate();
        const settled = world.masters();
        expect(settled).toHaveLength(Math.min(1, electorate.length));
        const highest = Math.max(...electorate.map(({ priority }) => priority));
        const winner = electorate.find(({ name }) => name === settled[0]);
        if (preempt && winner) expect(winner.priority).toBe(highest);

        transitions.length = 0;
        world.runTo(world.now + 10_000);
        expect(transitions.map(({ node, at }) => `${node} at ${at}`)).toEqual([]);
        expect(world.masters()).toEqual(settled);
      }),
      { numRuns: 400 },
    );
  });
});

/** Invariant 1: Active_Down_Interval at the longest interval, one advert, and what the network takes for them. */
function settlingTime(plans: readonly NodePlan[]): number {
  const longest = plans
    .map(({ settings }) => settings)
    .sort((a, b) => b.advertInterval - a.advertInterval)[0];
  if (!longest) return 0;
  const lowestPriority = 1;
  return (
    masterDownInterval(longest, lowestPriority, longest.advertInterval) +
    longest.advertInterval +
    3 * LONGEST_TRAVEL
  );
}

function disturbing(kind: string, nodes: readonly string[], happens: (world: World) => void): Disturbance {
  return { nodes, happens, toString: () => `${kind} ${nodes.join(" ")}` };
}

function nameOf(index: number): string {
  return "abcde"[index] ?? "";
}
