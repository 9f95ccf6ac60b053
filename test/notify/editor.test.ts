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
    newId: () => String(++id),
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
  const FLAPPING: NotifiedEvent = { kind: "flapping", transitions: 5, withinMs: 60_000, heldForMs: null };
  const SETTLED: NotifiedEvent = { kind: "settled", transitions: 40, state: "BACKUP" };

  /** As the agent tells it: four changes, then that it flaps, and the changes all the same. */
  const flap = (count: number) => {
    const all = newEditor();
    const told = Array.from({ length: count }, (_, index) => [
      ...(index === 4 ? all.tell(FLAPPING, index * 1_000) : []),
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

  it("is critical and opens an incident, which ends when it has settled", () => {
    const { told, tell } = flap(40);
    const flapping = told.find(({ event }) => event.kind === "flapping");
    expect(flapping).toMatchObject({ severity: "critical", incident: "open", event: FLAPPING });
    expect(tell(SETTLED, 99_000)).toMatchObject([{ incident: "close", event: SETTLED }]);
    expect(kinds(tell(TOOK_OVER, 100_000))).toEqual(["transition"]);
  });

  it("hides no stop", () => {
    const { tell } = flap(40);
    const stop: NotifiedEvent = { ...STOOD_BY, to: "INIT", reason: { kind: "nobody-took-over" } };
    expect(tell(stop, 41_000)).toMatchObject([{ severity: "critical" }]);
  });

  it("of one instance leaves the others' messages alone", () => {
    const { tell } = flap(40);
    expect(kinds(tell(TOOK_OVER, 40_000, "VI_2"))).toEqual(["transition"]);
  });
});

describe("a sync group", () => {
  const group = { name: "VG1", instances: ["VI_1", "VI_2"], addresses: ["10.0.0.10/32"] };
  const GROUP_TOOK_OVER: NotifiedEvent = { ...TOOK_OVER, kind: "group-transition", member: "VI_1" };
  const GROUP_FAULT: NotifiedEvent = { ...FAULT, kind: "group-transition", member: "VI_1" };

  function tellers() {
    const { editor } = newEditor();
    const member = (event: NotifiedEvent) => {
      const { instance, ...rest } = occurrence(event);
      return editor.take({ ...rest, instance: instance && { ...instance, syncGroup: "VG1" } }, millis(0));
    };
    const whole = (event: NotifiedEvent) =>
      editor.take({ ...occurrence(event), instance: null, group }, millis(0));
    return { member, whole };
  }

  it("changes its state in one message, whatever the number of its instances", () => {
    const { member, whole } = tellers();
    expect(member(TOOK_OVER)).toEqual([]);
    expect(whole(GROUP_TOOK_OVER)).toMatchObject([{ severity: "critical", group: { name: "VG1" } }]);
  });

  it("has an incident of its own, which ends with the trouble of the whole", () => {
    const { member, whole } = tellers();
    expect(member(FAULT)).toEqual([]);
    expect(whole(GROUP_FAULT)).toMatchObject([{ incident: "open" }]);
    expect(member(STARTED)).toEqual([]);
    expect(whole({ ...GROUP_FAULT, to: "BACKUP", reason: { kind: "fault-over" } })).toMatchObject([
      { incident: "close" },
    ]);
  });

  it("does not hide the trouble that one of its instances has by itself, nor the end of it", () => {
    const { member } = tellers();
    const failed: NotifiedEvent = {
      ...{ kind: "address-failed", doing: "bind", address: "10.0.0.10/32" },
      ...{ interfaceName: "eth0", error: "EPERM" },
    };
    expect(member(failed)).toMatchObject([{ incident: "open" }]);
    expect(member(STOOD_BY)).toMatchObject([{ incident: "close" }]);
  });
});
