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

const MATRIX: Readonly<Record<RouterState["kind"], readonly Row[]>> = {
  INIT: IN_INIT,
  BACKUP: IN_BACKUP,
  MASTER: IN_MASTER,
  LEAVING: IN_LEAVING,
  FAULT: IN_FAULT,
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
  "handover-asked": true,
  "successor-serves": true,
  "priority-changed": true,
  "fault-raised": true,
  "fault-cleared": true,
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
