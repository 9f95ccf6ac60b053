import type { RouterStateName } from "../vrrp/state.ts";
import { decide, type GroupMember, groupState } from "../vrrp/sync-group.ts";
import type { GroupTransition, InstanceEvent } from "./events.ts";
import type { Instance } from "./instance.ts";

export interface SyncGroupsPorts {
  readonly instances: () => readonly Instance[];
  readonly report: (group: SyncGroup, event: GroupTransition) => void;
}

/** A sync group as the outside sees it. */
export interface SyncGroup {
  readonly name: string;
  readonly members: readonly Instance[];
  readonly state: RouterStateName;
  /** Undefined before the first change. */
  readonly last: GroupTransition | undefined;
  readonly since: Date;
}

type MemberTransition = Extract<InstanceEvent, { readonly kind: "transition" }>;

interface Record {
  state: RouterStateName;
  last: GroupTransition | undefined;
  since: Date;
  /** What its members did since the group's last change. */
  steps: { readonly member: string; readonly transition: MemberTransition }[];
}

/** More rounds than a group can need: one for faults that begin, one for those that end, one to follow, one to agree. */
const ROUNDS_MAX = 10;

/** Keeps the instances of each sync group together, as the pure core decides. Instances in no group cost nothing here. */
export class SyncGroups {
  readonly #ports: SyncGroupsPorts;
  readonly #records = new Map<string, Record>();
  readonly #settling = new Set<string>();

  constructor(ports: SyncGroupsPorts) {
    this.#ports = ports;
  }

  /** A member told the outside something; to be called before `moved`. */
  heard({ config }: Instance, event: InstanceEvent): void {
    const { syncGroup, name } = config;
    if (syncGroup === undefined) return;
    if (event.kind === "transition") this.#record(syncGroup).steps.push({ member: name, transition: event });
    if (event.kind !== "lower-priority-heard") return;
    // As in keepalived: who draws one address to itself may have done so with the others.
    for (const other of this.membersOf(syncGroup))
      if (other.config.name !== name) other.announce("lower-priority");
  }

  /** A member is not what it was. */
  moved({ config: { syncGroup } }: Instance): void {
    if (syncGroup !== undefined) this.#settle(syncGroup);
  }

  /** After a reload, which may have changed who is in a group. */
  review(): void {
    const names = new Set(this.#ports.instances().flatMap(({ config }) => config.syncGroup ?? []));
    for (const name of [...this.#records.keys()]) if (!names.has(name)) this.#records.delete(name);
    for (const name of names) this.#settle(name);
  }

  membersOf(group: string): readonly Instance[] {
    return this.#ports.instances().filter(({ config }) => config.syncGroup === group);
  }

  all(): readonly SyncGroup[] {
    return [...this.#records].map(([name, record]) => this.#viewOf(name, record));
  }

  /** The steps that this takes lead back here, and are seen by the loop that is under way. */
  #settle(group: string): void {
    if (this.#settling.has(group)) return;
    this.#settling.add(group);
    const members = this.membersOf(group);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const decisions = decide(members.map(asMember));
      if (decisions.length === 0) break;
      for (const { member, event } of decisions) {
        members.find(({ config }) => config.name === member)?.dispatch(event);
      }
    }
    this.#settling.delete(group);
    this.#tell(group, members);
  }

  #tell(group: string, members: readonly Instance[]): void {
    const record = this.#record(group);
    const to = members.length === 0 ? undefined : groupState(members.map(asMember));
    if (to === undefined || to === record.state) return;
    const cause = record.steps.find(({ transition }) => transition.to === to) ?? record.steps.at(-1);
    if (!cause) return;
    const { member, transition } = cause;
    const event: GroupTransition = {
      ...transition,
      kind: "group-transition",
      from: record.state,
      to,
      member,
    };
    this.#records.set(group, { state: to, last: event, since: new Date(), steps: [] });
    this.#ports.report(this.#viewOf(group, this.#record(group)), event);
  }

  #record(group: string): Record {
    const record = this.#records.get(group) ?? {
      state: "INIT",
      last: undefined,
      since: new Date(),
      steps: [],
    };
    this.#records.set(group, record);
    return record;
  }

  #viewOf(name: string, { state, last, since }: Record): SyncGroup {
    return { name, state, last, since, members: this.membersOf(name) };
  }
}

function asMember({ config, router }: Instance): GroupMember {
  return { name: config.name, router };
}
