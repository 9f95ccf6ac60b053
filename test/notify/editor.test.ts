import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import { Editor } from "../../src/notify/editor.ts";
import type { NotifiedEvent } from "../../src/notify/notification.ts";
import { FAULT, occurrence, SERVING, STARTED, STOOD_BY, TOOK_OVER } from "./samples.ts";

const UNKNOWN: NotifiedEvent = { kind: "cloud-unknown", why: "no answer" };
const NOT_READY: NotifiedEvent = { kind: "cloud-not-ready", obstacles: ["denied"] };
const CLAIM_FAILED: NotifiedEvent = {
  kind: "cloud-call-failed",
  operation: "claim",
  message: "denied",
  attempts: 1,
};

function newEditor() {
  let id = 0;
  const editor = new Editor({
    flapping: { transitions: 4, window: millis(60_000) },
    newId: () => String(++id),
    timestamp: () => "2026-11-20T12:01:00.000Z",
  });
  return {
    editor,
    tell: (event: NotifiedEvent, now: number, instance = "VI_1") =>
      editor.take(occurrence(event, instance), millis(now)),
  };
}

const kinds = (notifications: readonly { readonly event: NotifiedEvent }[]) =>
  notifications.map(({ event }) => event.kind);

describe("the editor", () => {
  it("tells a transition with its severity", () => {
    const { tell } = newEditor();
    expect(tell(TOOK_OVER, 0)).toMatchObject([{ version: 1, id: "1", severity: "critical", node: "node-b" }]);
  });

  it("keeps to itself what only the journal needs", () => {
    const { tell } = newEditor();
    expect(tell({ kind: "cloud-doubted", cause: "reloaded" }, 0)).toEqual([]);
    expect(tell({ kind: "cloud-claimed", took: millis(1), attempts: 1 }, 0)).toEqual([]);
  });

  it("counts what repeats itself, and tells it again after a while", () => {
    const { tell } = newEditor();
    expect(tell(UNKNOWN, 0)).toHaveLength(1);
    for (let now = 1_000; now < 600_000; now += 1_000) expect(tell(UNKNOWN, now)).toEqual([]);
    expect(tell(UNKNOWN, 600_000)).toMatchObject([{ repeated: 599 }]);
  });

  it("counts another instance's events apart", () => {
    const { tell } = newEditor();
    tell(UNKNOWN, 0);
    expect(tell(UNKNOWN, 0, "VI_2")).toHaveLength(1);
  });

  it("tells a known trouble at once after a change of state", () => {
    const { tell } = newEditor();
    tell(UNKNOWN, 0);
    tell(TOOK_OVER, 1);
    expect(tell(UNKNOWN, 2)).toHaveLength(1);
  });

  it("opens an incident with trouble and closes it when all of it is over", () => {
    const { tell } = newEditor();
    expect(tell(FAULT, 0)).toMatchObject([{ incident: "open" }]);
    expect(tell(NOT_READY, 1)).toMatchObject([{ incident: "open" }]);
    expect(tell({ ...STARTED, from: "FAULT", reason: { kind: "fault-over" } }, 2)).toMatchObject([
      { incident: null },
    ]);
    expect(tell({ kind: "cloud-ready" }, 3)).toMatchObject([{ incident: "close" }]);
  });

  it("closes what an earlier run may have left open when an instance starts", () => {
    expect(newEditor().tell(STARTED, 0)).toMatchObject([{ incident: "close", severity: "info" }]);
  });

  it("does not tell the end of a trouble that was never told", () => {
    const { tell } = newEditor();
    expect(tell({ kind: "cloud-ready" }, 0)).toEqual([]);
    expect(tell({ kind: "cloud-verified", took: millis(1) }, 0)).toEqual([]);
  });

  it("ends a failed claim with the mastership", () => {
    const { tell } = newEditor();
    tell(CLAIM_FAILED, 0);
    expect(tell(STOOD_BY, 1)).toMatchObject([{ incident: "close" }]);
  });
});

describe("flapping", () => {
  const flap = (count: number) => {
    const all = newEditor();
    const told = Array.from({ length: count }, (_, index) => [
      ...all.tell(index % 2 === 0 ? TOOK_OVER : STOOD_BY, index * 1_000),
      ...all.tell(SERVING, index * 1_000 + 1),
    ]).flat();
    return { ...all, told };
  };

  it("is told once instead of each change", () => {
    const { told } = flap(40);
    const transitions = told.filter(({ event }) => event.kind === "transition");
    expect(transitions).toHaveLength(4);
    expect(kinds(told).filter((kind) => kind === "flapping")).toHaveLength(1);
    expect(told.length).toBeLessThanOrEqual(10);
  });

  it("is critical and opens an incident", () => {
    const flapping = flap(5).told.find(({ event }) => event.kind === "flapping");
    expect(flapping).toMatchObject({
      severity: "critical",
      incident: "open",
      event: { transitions: 5, withinMs: 60_000 },
    });
  });

  it("is over after a quiet window, which is told with the state that remained", () => {
    const { editor } = flap(40);
    expect(editor.deadline()).toBe(39_000 + 60_000);
    expect(editor.tick(millis(98_999))).toEqual([]);
    expect(editor.tick(millis(99_000))).toMatchObject([
      {
        incident: "close",
        at: "2026-11-20T12:01:00.000Z",
        event: { kind: "settled", transitions: 40, state: "BACKUP" },
      },
    ]);
    expect(editor.deadline()).toBeUndefined();
  });

  it("is not a failover and its return", () => {
    const { tell } = newEditor();
    const told = [TOOK_OVER, STOOD_BY, TOOK_OVER, STOOD_BY].flatMap((event, index) =>
      tell(event, index * 1_000),
    );
    expect(kinds(told)).toEqual(["transition", "transition", "transition", "transition"]);
  });

  it("of one instance leaves the others' messages alone", () => {
    const { tell } = flap(40);
    expect(kinds(tell(TOOK_OVER, 40_000, "VI_2"))).toEqual(["transition"]);
  });
});
