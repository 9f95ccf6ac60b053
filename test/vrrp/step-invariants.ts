import { expect } from "vitest";
import type { Action } from "../../src/vrrp/actions.ts";
import { NEVER, stateName } from "../../src/vrrp/state.ts";
import { nextDeadline, step } from "../../src/vrrp/virtual-router.ts";
import type { Stepped } from "./world.ts";

/** What holds for every step of every router, whatever happened before. */
export function expectInvariants(stepped: Stepped): void {
  expectTransitionMatches(stepped);
  expectAddressesFollowMastership(stepped);
  expectAdvertsFollowMastership(stepped);
  expectFaultWhileFaulty(stepped);
  expectPriorityInRange(stepped);
  expectDeadline(stepped);
}

/** A transition is told exactly when the state's kind changes, after everything that goes with it. */
function expectTransitionMatches({ before, next, actions }: Stepped): void {
  const transitions = ofKind(actions, "transition");
  const [from, to] = [stateName(before.state), stateName(next.state)];
  const changed = from !== to;
  expect(transitions).toEqual(changed ? [expect.objectContaining({ from, to })] : []);
  if (changed) expect(actions.at(-1)).toBe(transitions[0]);
}

/** Invariant 2: bound on entering MASTER, unbound on leaving it, announced in between only. */
function expectAddressesFollowMastership({ before, event, next, actions }: Stepped): void {
  const [was, is] = [stateName(before.state) === "MASTER", stateName(next.state) === "MASTER"];
  const settles = is && (!was || (event.kind === "reconfigured" && next.state.kind === "MASTER"));
  expect(ofKind(actions, "bind")).toHaveLength(settles ? 1 : 0);
  expect(ofKind(actions, "unbind")).toHaveLength(was && !is ? 1 : 0);
  if (next.state.kind !== "MASTER") expect(ofKind(actions, "announce")).toEqual([]);
}

/** Only a MASTER advertises; priority 0 once, when it goes on its own, and before the addresses go. */
function expectAdvertsFollowMastership({ before, next, actions }: Stepped): void {
  const [was, is] = [before.state.kind === "MASTER", next.state.kind === "MASTER"];
  const adverts = ofKind(actions, "send-advert");
  const farewells = adverts.filter(({ priority }) => priority === 0);
  const resigned = was && (next.state.kind === "INIT" || next.state.kind === "FAULT");
  const handsOver = was && next.state.kind === "LEAVING";
  expect(farewells).toHaveLength(resigned || handsOver ? 1 : 0);
  if (resigned) expect(actions.slice(0, 2).map(({ kind }) => kind)).toEqual(["send-advert", "unbind"]);
  if (!was && !is) expect(adverts).toEqual([]);
  for (const { priority } of adverts) expect([0, next.priority]).toContain(priority);
}

/** After the start a router is in FAULT exactly while it has faults; before it, it can be there with faults only. */
function expectFaultWhileFaulty({ next }: Stepped): void {
  const [inFault, faulty] = [next.state.kind === "FAULT", next.faults.length > 0];
  if (next.heldUntil !== undefined) expect(inFault).toBe(faulty);
  if (inFault) expect(faulty).toBe(true);
  expect(new Set(next.faults).size).toBe(next.faults.length);
}

function expectPriorityInRange({ next }: Stepped): void {
  const owner = next.settings.priority === 255;
  expect(next.priority).toBeGreaterThanOrEqual(owner ? 255 : 1);
  expect(next.priority).toBeLessThanOrEqual(owner ? 255 : 254);
}

/** A living state has a deadline, unless it is on hold or waits for its group; too early a tick changes nothing; one on time is not due a second time. */
function expectDeadline({ next, at }: Stepped): void {
  const deadline = nextDeadline(next);
  const onHold = next.state.kind === "BACKUP" && next.state.masterDownAt === NEVER;
  const waitsForGroup = next.state.kind === "BACKUP" && next.state.wantsMaster === true;
  const waits = onHold || (waitsForGroup && next.settings.synced !== undefined);
  const lives = ["BACKUP", "MASTER", "LEAVING"].includes(next.state.kind) && !waits;
  const held = next.state.kind === "INIT" && next.heldUntil !== undefined;
  expect(deadline !== undefined && Number.isFinite(deadline)).toBe(lives || held);
  if (deadline === undefined || at < deadline) {
    expect(step(next, { kind: "tick" }, at)).toEqual([next, []]);
    return;
  }
  const [settled] = step(next, { kind: "tick" }, at);
  // A handover that is over leads to INIT or FAULT, where nothing is due.
  expect(nextDeadline(settled) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
  expect(step(settled, { kind: "tick" }, at)).toEqual([settled, []]);
}

function ofKind<K extends Action["kind"]>(actions: readonly Action[], kind: K) {
  return actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
}
