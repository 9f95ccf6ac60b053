import { describe, expect, it } from "vitest";
import type { RouterEvent } from "../../src/vrrp/events.ts";
import type { RouterState } from "../../src/vrrp/state.ts";
import { step } from "../../src/vrrp/virtual-router.ts";
import { IN_BACKUP } from "./matrix/backup.ts";
import { IN_FAULT } from "./matrix/fault.ts";
import { IN_INIT } from "./matrix/init.ts";
import { IN_LEAVING } from "./matrix/leaving.ts";
import { IN_MASTER } from "./matrix/master.ts";
import type { Row } from "./matrix/row.ts";
import { IN_SYNC_GROUP } from "./matrix/sync-group.ts";

const MATRIX: Readonly<Record<RouterState["kind"], readonly Row[]>> = {
  INIT: [...IN_INIT, ...IN_SYNC_GROUP.INIT],
  BACKUP: [...IN_BACKUP, ...IN_SYNC_GROUP.BACKUP],
  MASTER: [...IN_MASTER, ...IN_SYNC_GROUP.MASTER],
  LEAVING: [...IN_LEAVING, ...IN_SYNC_GROUP.LEAVING],
  FAULT: [...IN_FAULT, ...IN_SYNC_GROUP.FAULT],
};

/** A new kind of event does not compile until it is here, and then every state owes it a row. */
const EVENTS: Readonly<Record<RouterEvent["kind"], true>> = {
  started: true,
  stopped: true,
  "advert-received": true,
  tick: true,
  "woke-late": true,
  "yield-asked": true,
  "hold-ended": true,
  "group-agreed": true,
  "group-left": true,
  "handover-asked": true,
  "successor-serves": true,
  "priority-changed": true,
  "fault-raised": true,
  "fault-cleared": true,
  "held-back": true,
  "set-free": true,
  "local-address-changed": true,
  reconfigured: true,
};

describe.each(Object.entries(MATRIX))("in %s", (state, rows) => {
  it.each(rows)("$name", ({ given, event, at, actions, next }) => {
    expect(given.state.kind).toBe(state);
    expect(step(given, event, at)).toStrictEqual([next, actions]);
  });

  it.each(Object.keys(EVENTS))("the matrix has a row for %s", (kind) => {
    expect(rows.map(({ event }) => event.kind)).toContain(kind);
  });
});

describe("the matrix", () => {
  it("names every row differently, so that the ledger can quote it", () => {
    const names = Object.values(MATRIX).flatMap((rows) => rows.map(({ name }) => name));
    expect(names).toEqual([...new Set(names)]);
  });
});
