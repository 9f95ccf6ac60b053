import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fault, RouterState } from "../../src/vrrp/state.ts";
import { FAULT, INIT, NEVER } from "../../src/vrrp/state.ts";
import { concernsGroup, decide, groupState } from "../../src/vrrp/sync-group.ts";
import { step } from "../../src/vrrp/virtual-router.ts";
import { advert, backup, HIGHER, ip, master, routerIn, settingsWith } from "./fixtures.ts";
import { expectInvariants } from "./step-invariants.ts";
import { type NodePlan, type Stepped, World } from "./world.ts";

const listening = backup();
const wanting = backup({ wantsMaster: true });
const following = backup({ master: { address: HIGHER, priority: 200 } });
const onHold = backup({ masterDownAt: NEVER, heldFor: HIGHER });
const leaving = { kind: "LEAVING", until: 1300, to: "BACKUP", successor: undefined, linger: 50 } as never;

function members(...states: readonly RouterState[]) {
  return states.map((state, index) => member(state, index));
}

function member(state: RouterState, index: number, faults?: readonly Fault[]) {
  const settings = settingsWith({ virtualRouterId: 50 - index, synced: "other" });
  return { name: `V${index + 1}`, router: routerIn(state, { settings, ...(faults ? { faults } : {}) }) };
}

/** In short: `V1 group-agreed`. */
function decisions(group: Parameters<typeof decide>[0]): readonly string[] {
  return decide(group).map(({ member: name, event }) => {
    const more = "fault" in event ? ` ${event.fault}` : "member" in event ? ` ${event.member}` : "";
    return `${name} ${event.kind}${more}`;
  });
}

describe("a sync group", () => {
  it.each<[string, readonly RouterState[], readonly string[]]>([
    ["listens", [listening, listening], []],
    ["waits while one member does not want to be MASTER", [wanting, listening], []],
    ["waits while one member follows another MASTER", [wanting, following], []],
    ["waits for a member that has not started", [wanting, INIT], []],
    ["waits for a member that hands over", [wanting, leaving], []],
    [
      "agrees when all want it, the lowest virtual_router_id first",
      [wanting, wanting],
      ["V2 group-agreed", "V1 group-agreed"],
    ],
    ["lets the last one join", [master(), wanting], ["V2 group-agreed"]],
    ["leaves MASTER alone while a new member listens", [master(), listening], []],
    ["leaves MASTER alone while a new member has not started", [master(), INIT], []],
    ["leaves MASTER when one follows another", [master(), following, master()], ["V1", "V3"]],
    ["leaves MASTER when one is on hold for another", [onHold, master()], ["V2"]],
    ["does not call back who hands over", [following, leaving], []],
    ["is at rest as MASTER", [master(), master()], []],
    ["is at rest as BACKUP", [following, following, listening], []],
  ])("%s", (_, states, expected) => {
    const away = states.indexOf(following) >= 0 ? states.indexOf(following) : states.indexOf(onHold);
    const whole = expected.map((text) => (text.includes(" ") ? text : `${text} group-left V${away + 1}`));
    expect(decisions(members(...states))).toEqual(whole);
  });

  it("draws all into FAULT by one, and names it", () => {
    const group = [member(FAULT, 0, ["tracker:chk"]), member(master(), 1), member(listening, 2)];
    expect(decisions(group)).toEqual(["V2 fault-raised sibling:V1", "V3 fault-raised sibling:V1"]);
    expect(groupState(group)).toBe("FAULT");
  });

  it("lets a member that hands over do so before it draws it into FAULT", () => {
    expect(decisions([member(FAULT, 0, ["maintenance"]), member(leaving, 1)])).toEqual([]);
  });

  it("does not take a fault that it caused for a reason of its own", () => {
    expect(decisions([member(FAULT, 0, ["tracker:chk"]), member(FAULT, 1, ["sibling:V1"])])).toEqual([]);
  });

  it("leaves FAULT when the last of the faults is over", () => {
    const one = member(FAULT, 0, ["interface-down", "sibling:V2"]);
    const two = member(FAULT, 1, ["tracker:chk", "sibling:V1"]);
    expect(decisions([one, two])).toEqual([]);
    const better = member(FAULT, 1, ["sibling:V1"]);
    expect(decisions([one, better])).toEqual(["V1 fault-cleared sibling:V2"]);
    const well = member(listening, 0, []);
    expect(decisions([well, better])).toEqual(["V2 fault-cleared sibling:V1"]);
  });

  it.each<[string | undefined, readonly RouterState[]]>([
    ["MASTER", [master(), leaving]],
    ["BACKUP", [wanting, listening]],
    ["INIT", [INIT, INIT]],
    [undefined, [master(), listening]],
    [undefined, [master(), INIT]],
  ])("is called %s with these members", (name, states) => {
    expect(groupState(members(...states))).toBe(name);
  });

  it("is not asked about adverts that change nothing", () => {
    const backupOf = routerIn(following, { settings: settingsWith({ synced: "other" }) });
    const masterOf = routerIn(master(), { settings: settingsWith({ synced: "other" }) });
    expect(concernsGroup(backupOf, step(backupOf, advert(200, HIGHER), 500 as never)[0])).toBe(false);
    expect(concernsGroup(masterOf, step(masterOf, { kind: "tick" }, 1000 as never)[0])).toBe(false);
  });
});

const TRAVEL_MAX = 20;

interface GroupPlan {
  /** By node, then by member. */
  readonly priorities: readonly (readonly number[])[];
  /** Whether a node's address is the higher one, by member: the tie-break can differ between networks. */
  readonly turned: readonly boolean[];
  readonly preempt: boolean;
  readonly skew: "rfc" | "none";
}

const groupPlan: fc.Arbitrary<GroupPlan> = fc.integer({ min: 2, max: 3 }).chain((size) =>
  fc.record({
    priorities: fc.array(
      fc.array(fc.oneof(fc.constantFrom(100, 100, 150, 255), fc.integer({ min: 1, max: 254 })), {
        minLength: size,
        maxLength: size,
      }),
      { minLength: 2, maxLength: 3 },
    ),
    turned: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    preempt: fc.boolean(),
    skew: fc.constantFrom("rfc" as const, "none" as const),
  }),
);

function plansOf({ priorities, turned, preempt, skew }: GroupPlan): readonly NodePlan[] {
  return priorities.flatMap((own, node) =>
    own.map((priority, index) => ({
      name: `${"abc"[node]}${index}`,
      address: ip(`10.${index}.0.${turned[index] ? 9 - node : 1 + node}`),
      settings: settingsWith({
        virtualRouterId: 10 + index,
        priority,
        preempt,
        skew: priorities.length === 2 ? skew : "rfc",
        synced: index === 0 ? "first" : "other",
      }),
    })),
  );
}

/** Several nodes, each with a sync group, whose members the simulated network carries beside each other. */
class GroupWorld {
  readonly world: World;
  readonly nodes: readonly string[];
  readonly names: readonly string[];
  readonly transitions: Stepped[] = [];
  #settling = false;

  constructor(plans: readonly NodePlan[], travel: () => number | undefined) {
    this.names = plans.map(({ name }) => name);
    this.nodes = [...new Set(this.names.map((name) => name.charAt(0)))];
    this.world = new World(plans, { observe: (stepped) => this.#observe(stepped), travel });
  }

  membersOf(node: string) {
    const names = this.names.filter((name) => name.startsWith(node));
    return names.map((name) => ({ name, router: this.world.router(name) }));
  }

  happens(...args: Parameters<World["happens"]>): void {
    this.world.happens(...args);
  }

  #observe(stepped: Stepped): void {
    const { before, next, node } = stepped;
    if (before.state.kind !== next.state.kind) {
      expectInvariants(stepped);
      this.transitions.push(stepped);
    }
    if (!concernsGroup(before, next) || this.#settling) return;
    this.#settling = true;
    for (let round = 0; ; round++) {
      expect(round).toBeLessThan(10);
      const wanted = decide(this.membersOf(node.charAt(0)));
      if (wanted.length === 0) break;
      for (const { member: name, event } of wanted) this.happens(name, event);
    }
    this.#settling = false;
  }
}

type Disturbance = (group: GroupWorld, names: readonly string[]) => void;

const pick = fc.nat(100);

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.tuple(pick, pick).map(
    ([a, b]): Disturbance =>
      ({ world }, names) => {
        world.cut(at(names, a), at(names, b));
      },
  ),
  pick.map(
    (it): Disturbance =>
      (group, names) => {
        group.happens(at(names, it), { kind: "fault-raised", fault: "interface-down" });
      },
  ),
  pick.map(
    (it): Disturbance =>
      (group, names) => {
        group.happens(at(names, it), { kind: "fault-cleared", fault: "interface-down" });
      },
  ),
  fc.tuple(pick, fc.integer({ min: 1, max: 254 })).map(
    ([it, priority]): Disturbance =>
      (group, names) => {
        group.happens(at(names, it), { kind: "priority-changed", priority });
      },
  ),
  fc.constant<Disturbance>(({ world }) => world.healAll()),
);

function at(names: readonly string[], index: number): string {
  return names[index % names.length] ?? "";
}

describe("nodes with sync groups in a network that loses, delays and parts", () => {
  it("have one MASTER for the whole group soon after the last disturbance, and keep it", () => {
    fc.assert(
      fc.property(
        groupPlan,
        fc.array(fc.record({ wait: fc.nat(4000), disturbance }), { maxLength: 10 }),
        fc.infiniteStream(fc.double({ min: 0.01, max: TRAVEL_MAX, noNaN: true })),
        fc.infiniteStream(fc.nat(9)),
        (plan, events, travel, dice) => {
          let disturbed = true;
          const group = new GroupWorld(plansOf(plan), () =>
            disturbed && dice.next().value < 3 ? undefined : travel.next().value,
          );
          for (const name of group.names) group.happens(name, { kind: "started" });
          for (const { wait, disturbance: happens } of events) {
            group.world.runTo(group.world.now + wait);
            happens(group, group.names);
          }
          disturbed = false;
          group.world.healAll();
          for (const name of group.names) {
            group.happens(name, { kind: "fault-cleared", fault: "interface-down" });
          }

          // Three timers: the one that runs, one after both have yielded to each other, and the wait of the one that gives precedence.
          group.world.runTo(group.world.now + 3 * 6_100);
          const states = group.nodes.map((node) => groupState(group.membersOf(node)));
          expect(states.filter((state) => state === "MASTER")).toHaveLength(1);
          expect(group.world.masters()).toHaveLength(plan.turned.length);

          group.transitions.length = 0;
          group.world.runTo(group.world.now + 15_000);
          expect(group.transitions.map(({ node, at: when }) => `${node} at ${when}`)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("do not take the group from each other for ever when each outranks the other with one member", () => {
    const plan = {
      priorities: [
        [150, 100],
        [100, 150],
      ],
      turned: [false, true],
      preempt: true,
      skew: "none",
    } as const;
    const group = new GroupWorld(plansOf(plan), () => 1);
    for (const name of group.names) group.happens(name, { kind: "started" });
    group.world.runTo(60_000);

    const takeovers = group.transitions.filter(({ next }) => next.state.kind === "MASTER");
    expect(takeovers.length).toBeLessThanOrEqual(3 * group.names.length);
    expect(takeovers.at(-1)?.at).toBeLessThan(15_000);
    expect(group.nodes.map((node) => groupState(group.membersOf(node))).toSorted()).toEqual([
      "BACKUP",
      "MASTER",
    ]);
  });
});
