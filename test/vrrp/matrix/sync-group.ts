import { FAULT, INIT, type RouterState } from "../../../src/vrrp/state.ts";
import {
  advert,
  backup,
  HIGHER,
  handoverAsked,
  LOWER,
  master,
  routerIn,
  settingsWith,
  takingOver,
  wokeLate,
} from "../fixtures.ts";
import { type Row, row } from "./row.ts";

const agreed = { kind: "group-agreed" } as const;
const left = { kind: "group-left", member: "V2" } as const;
const tick = { kind: "tick" } as const;

const first = settingsWith({ synced: "first" });
const other = settingsWith({ synced: "other" });
const member = routerIn(backup(), { settings: other });
const waiting = routerIn(backup({ wantsMaster: true, cause: "master-silent" }), { settings: other });
const serving = routerIn(master(), { settings: other });
const leaving = routerIn(
  { kind: "LEAVING", until: 1300, to: "BACKUP", successor: undefined, linger: 50 } as never,
  { settings: other },
);
const heard = { address: HIGHER, priority: 200 };

/** After an advert at 500, with nothing wanted any more. */
const following = backup({ masterDownAt: 4109.375, master: heard, cause: "master-silent" });

function yielding(settings: typeof first, masterDownAt: number): Row {
  const precedence = settings === first ? { notBefore: masterDownAt } : {};
  const reason = { kind: "yielded", to: HIGHER, priority: 200 } as const;
  return row(
    `a MASTER that is the ${settings.synced} member of its group yields, and waits until ${masterDownAt}`,
    routerIn(master(), { settings }),
    advert(200, HIGHER),
    {
      actions: [{ kind: "unbind" }, { kind: "transition", from: "MASTER", to: "BACKUP", reason }],
      changes: { state: { ...following, masterDownAt, ...precedence } as RouterState },
    },
  );
}

const newMaster = master({
  advertiseAt: 1500,
  announceAt: { at: 5500, burst: "master" },
  answerAt: 500,
});

/** What a node that flaps and one that does not differ in: whether it leaves a MASTER of lower priority in peace. */
function heldBack(state: RouterState): readonly Row[] {
  const router = routerIn(state);
  return [
    row(
      `in ${state.kind} a node that flaps is held back`,
      router,
      { kind: "held-back" },
      { changes: { heldBack: true } },
    ),
    {
      ...row(`in ${state.kind} a node is set free`, { ...router, heldBack: true }, { kind: "set-free" }),
      next: router,
    },
  ];
}

/** The members of a `vrrp_sync_group`: what each does, and what it leaves to the group. */
export const IN_SYNC_GROUP: Readonly<Record<RouterState["kind"], readonly Row[]>> = {
  INIT: [
    ...heldBack(INIT),
    row("before its start a member becomes nothing that the group agrees on", routerIn(INIT), agreed),
    row("before its start a member has nothing to give up for the group", routerIn(INIT), left),
    row(
      "an owner in a sync group waits for the others, and for nothing else",
      routerIn(INIT, { settings: settingsWith({ synced: "first", priority: 255 }) }),
      { kind: "started" },
      {
        actions: [{ kind: "transition", from: "INIT", to: "BACKUP", reason: { kind: "started" } }],
        changes: { heldUntil: 500, state: backup({ masterDownAt: 3503.90625, wantsMaster: true }) },
      },
    ),
  ],
  BACKUP: [
    ...heldBack(backup()),
    row(
      "a node that is held back follows a MASTER of lower priority",
      { ...routerIn(backup()), heldBack: true },
      advert(50),
      {
        changes: {
          state: backup({
            ...{ masterDownAt: 4109.375, cause: "master-silent" },
            master: { address: LOWER, priority: 50 },
          }),
        },
      },
    ),
    row(
      "a node that is held back takes over where nobody else is MASTER",
      { ...routerIn(backup()), heldBack: true },
      tick,
      {
        at: 3609.375,
        actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "nobody-heard" }),
        changes: {
          state: master({
            advertiseAt: 4609.375,
            announceAt: { at: 8609.375, burst: "master" },
            answerAt: 3609.375,
          }),
        },
      },
    ),
    row("a member whose timer ends wants to be MASTER, and waits", member, tick, {
      at: 3609.375,
      changes: { state: backup({ wantsMaster: true }) },
    }),
    row("a member that waits for its group is not impatient", waiting, tick, { at: 99_000 }),
    row("a member that wants it becomes MASTER when the group agrees", waiting, agreed, {
      actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "master-silent" }),
      changes: { state: newMaster },
    }),
    row("a member that does not want it stays BACKUP", member, agreed),
    row("a member in BACKUP has nothing to give up for the group", waiting, left),
    row("a member that hears a MASTER wants nothing any more", waiting, advert(200, HIGHER), {
      changes: { state: following },
    }),
    row("a member still wants it after an advert of lower priority", waiting, advert(50, LOWER), {
      changes: {
        state: backup({ wantsMaster: true, cause: "master-lower", preemptAt: 500 }),
      },
    }),
    row(
      "a member that gives precedence is not hurried by an advert",
      routerIn({ ...following, notBefore: 6109.375 } as RouterState, { settings: first }),
      advert(200, HIGHER),
      { changes: { state: { ...following, masterDownAt: 6109.375, notBefore: 6109.375 } as RouterState } },
    ),
    row("a member that slept listens again before it wants anything", waiting, wokeLate(5000), {
      changes: { state: backup({ masterDownAt: 4109.375, cause: "master-silent" }) },
    }),
    row(
      "a member that waits acts on its own when a reload ends the group",
      routerIn(backup({ wantsMaster: true, cause: "master-silent" })),
      tick,
      {
        at: 3609.375,
        actions: takingOver(100, "BACKUP", { kind: "took-over", cause: "master-silent" }),
        changes: {
          state: master({
            advertiseAt: 4609.375,
            announceAt: { at: 8609.375, burst: "master" },
            answerAt: 3609.375,
          }),
        },
      },
    ),
  ],
  MASTER: [
    ...heldBack(master()),
    row("a MASTER needs no agreement", serving, agreed),
    row("a MASTER follows its group without priority 0", serving, left, {
      actions: [
        { kind: "unbind" },
        {
          kind: "transition",
          from: "MASTER",
          to: "BACKUP",
          reason: { kind: "followed-group", member: "V2" },
        },
      ],
      changes: { state: backup({ masterDownAt: 4109.375 }) },
    }),
    yielding(first, 6109.375),
    yielding(other, 4109.375),
  ],
  LEAVING: [
    ...heldBack(leaving.state),
    row("a member that leaves needs no agreement", leaving, agreed),
    row("a member that leaves goes its own way", leaving, left),
    row("a member that leaves may be asked again", leaving, handoverAsked("BACKUP")),
  ],
  FAULT: [
    ...heldBack(FAULT),
    row("a faulty member becomes nothing that the group agrees on", routerIn(FAULT), agreed),
    row("a faulty member has nothing to give up for the group", routerIn(FAULT), left),
  ],
};
