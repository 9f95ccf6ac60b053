import { describe, expect, test } from "vitest";
import { millis } from "../../src/base/units.ts";
import { type Happening, type NodePlan, SimulatedNetwork } from "../../src/simulate/network.ts";
import { ip, settingsWith } from "../vrrp/fixtures.ts";

const PLANS: readonly NodePlan<"a" | "b">[] = [
  { name: "a", address: ip("10.0.0.1"), settings: settingsWith({ advertInterval: 100, priority: 150 }) },
  {
    name: "b",
    address: ip("10.0.0.2"),
    settings: settingsWith({ advertInterval: 100, priority: 100, higherPrioSendAdvert: true }),
  },
];

interface Seen {
  readonly at: number;
  readonly happening: Happening<"a" | "b">;
}

function group(seed = 1) {
  const seen: Seen[] = [];
  const network: SimulatedNetwork<"a" | "b"> = new SimulatedNetwork(PLANS, {
    seed,
    onHappening: (happening) => seen.push({ at: network.now, happening }),
  });
  network.tell("a", { kind: "started" });
  network.tell("b", { kind: "started" });
  network.ping(millis(5));
  /** What is seen from the deed on. */
  const run = (ms: number, deed = () => {}) => {
    const from = seen.length;
    deed();
    network.runTo(millis(network.now + ms));
    return seen.slice(from);
  };
  return { network, seen, run };
}

describe("a simulated network", () => {
  test("has the node of higher priority serve the client", () => {
    const { network, run } = group();
    const seen = run(1000);
    expect([network.isBound("a"), network.isBound("b")]).toEqual([true, false]);
    expect(transitions(seen)).toEqual(["a MASTER"]);
    expect(answersIn(seen).length).toBeGreaterThan(50);
    expect(lostIn(seen)).toBe(0);
  });

  test("loses a node that is cut off without telling anybody, until the silence is long enough", () => {
    const { network, seen, run } = group();
    run(1000);
    expect(transitions(run(1000, () => network.cut("a")))).toEqual(["b MASTER"]);
    expect([network.isBound("a"), network.isBound("b")]).toEqual([true, true]);
    expect(lostIn(seen)).toBeGreaterThan(40);
    expect(lostIn(run(1000))).toBe(0);
  });

  test("goes back to one MASTER when the two hear each other again, and loses no ping", () => {
    const { network, run } = group();
    run(1000);
    run(1000, () => network.cut("a"));
    const seen = run(1000, () => network.heal("a"));
    expect(transitions(seen)).toEqual(["b BACKUP"]);
    expect([network.isBound("a"), network.isBound("b")]).toEqual([true, false]);
    expect(lostIn(seen)).toBe(0);
  });

  test("takes over sooner when the MASTER says goodbye", () => {
    const { network, seen, run } = group();
    run(1000);
    const deed = () => network.tell("a", { kind: "stopped" });
    expect(transitions(run(1000, deed))).toEqual(["a INIT", "b MASTER"]);
    expect([network.isBound("a"), network.isBound("b")]).toEqual([false, true]);
    expect(lostIn(seen)).toBeLessThan(20);
  });

  test("loses no ping when the MASTER hands over", () => {
    const { network, seen, run } = group();
    run(1000);
    const handover = { patience: millis(800), linger: millis(50) };
    const deed = () => network.tell("a", { kind: "handover-asked", to: "INIT", ...handover });
    expect(transitions(run(1000, deed))).toEqual(["b MASTER", "a INIT"]);
    expect([network.isBound("a"), network.isBound("b")]).toEqual([false, true]);
    expect(lostIn(seen)).toBe(0);
  });

  test("binds before it announces, and announces before it is asked", () => {
    const { run } = group();
    const kinds = run(1000).map(({ happening }) => happening.kind);
    expect(kinds.filter((kind) => kind !== "stepped").slice(0, 3)).toEqual([
      "bound",
      "announced",
      "answered",
    ]);
  });

  test("is the same again from the same seed, and another from another", () => {
    const [one, again, other] = [1, 1, 2].map((seed) => {
      const { network, seen, run } = group(seed);
      run(1000);
      run(1000, () => network.cut("a"));
      return JSON.stringify(seen);
    });
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });
});

function transitions(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ happening }) =>
    happening.kind !== "stepped"
      ? []
      : happening.actions.flatMap((action) =>
          action.kind === "transition" ? [`${happening.node} ${action.to}`] : [],
        ),
  );
}

function answersIn(seen: readonly Seen[]): number[] {
  return seen.flatMap(({ happening }) => (happening.kind === "answered" ? [happening.sequence] : []));
}

/** How many numbers are missing between the answers. */
function lostIn(seen: readonly Seen[]): number {
  const answers = answersIn(seen);
  return (answers.at(-1) ?? 0) - (answers[0] ?? 0) + 1 - answers.length;
}
