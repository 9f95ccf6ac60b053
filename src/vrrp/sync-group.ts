/**
 * keepalived's `vrrp_sync_group`: virtual routers of one node that are MASTER together or not at all. Pure: it looks at the
 * members as they are and says what has to happen to which of them, until nothing has to.
 *
 *   one in FAULT by itself            -> all in FAULT
 *   one follows another MASTER        -> nobody stays MASTER
 *   all want to be MASTER, or are it  -> all MASTER
 *
 * A member that has not started yet, or has heard nobody since it did, neither moves the group nor lets it become MASTER: a
 * reload that adds a member to a MASTER group takes nothing away from it.
 */
import type { RouterEvent } from "./events.ts";
import { faultChanges } from "./fault-changes.ts";
import { isSiblingFault, type RouterStateName, stateName, type VirtualRouter } from "./state.ts";

export interface GroupMember {
  readonly name: string;
  readonly router: VirtualRouter;
}

/** What has to happen to one member. */
export interface GroupDecision {
  readonly member: string;
  readonly event: RouterEvent;
}

/** What has to happen next; nothing when the group is settled. */
export function decide(members: readonly GroupMember[]): readonly GroupDecision[] {
  const faults = members.flatMap((member) => siblingFaultChanges(member, members));
  if (faults.length > 0) return faults;
  const away = members.find(({ router }) => followsAnother(router));
  if (away) {
    const alone = members.filter(({ router }) => router.state.kind === "MASTER");
    return alone.map(({ name }) => ({ member: name, event: { kind: "group-left", member: away.name } }));
  }
  if (!members.every(({ router }) => isMaster(router) || wantsMaster(router))) return [];
  // In the same order on every node, so that a peer hears of the first member first.
  const waiting = members
    .filter(({ router }) => wantsMaster(router))
    .toSorted((a, b) => a.router.settings.virtualRouterId - b.router.settings.virtualRouterId);
  return waiting.map(({ name }) => ({ member: name, event: { kind: "group-agreed" } }));
}

/** What people and scripts know the group's state as; undefined while its members are on the way to one. */
export function groupState(members: readonly GroupMember[]): RouterStateName | undefined {
  const states = members.map(({ router }) => stateName(router.state));
  if (states.includes("FAULT")) return "FAULT";
  const [first] = states;
  return states.every((state) => state === first) ? first : undefined;
}

/** Whether a step of one member can mean something to the others. */
export function concernsGroup(before: VirtualRouter, next: VirtualRouter): boolean {
  if (before === next) return false;
  return (
    before.state.kind !== next.state.kind ||
    before.faults !== next.faults ||
    followsAnother(before) !== followsAnother(next) ||
    wantsMaster(before) !== wantsMaster(next)
  );
}

/** Ends what the group did to a member that is in none any more. */
export function leaveGroup({ faults }: VirtualRouter): readonly RouterEvent[] {
  return faultChanges(faults, [], isSiblingFault);
}

function siblingFaultChanges(
  { name, router }: GroupMember,
  members: readonly GroupMember[],
): readonly GroupDecision[] {
  const faulty = members.filter((other) => other.name !== name && isFaultyByItself(other.router));
  // Who hands over serves until its successor does.
  if (router.state.kind === "LEAVING") return [];
  const faults = faulty.map((other) => `sibling:${other.name}` as const);
  return faultChanges(router.faults, faults, isSiblingFault).map((event) => ({ member: name, event }));
}

function isFaultyByItself({ faults }: VirtualRouter): boolean {
  return faults.some((fault) => !isSiblingFault(fault));
}

function isMaster({ state }: VirtualRouter): boolean {
  return state.kind === "MASTER";
}

function wantsMaster({ state }: VirtualRouter): boolean {
  return state.kind === "BACKUP" && state.wantsMaster === true;
}

/** In BACKUP, and somebody else was heard or is known to have the addresses. */
function followsAnother({ state }: VirtualRouter): boolean {
  if (state.kind !== "BACKUP" || state.wantsMaster) return false;
  return state.master !== undefined || state.heldFor !== undefined;
}
