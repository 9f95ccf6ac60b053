import { describe, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import type { TakeoverEvent } from "../../src/takeover/events.ts";
import type { TakeoverMode } from "../../src/takeover/state.ts";
import { stepTakeover } from "../../src/takeover/takeover.ts";
import { takeoverIn } from "./fixtures.ts";
import { WHILE_CLAIMING } from "./table/claiming.ts";
import { WHILE_HOLDING } from "./table/holding.ts";
import { WHILE_ON_HOLD } from "./table/on-hold.ts";
import type { Row } from "./table/row.ts";
import { ON_STANDBY } from "./table/standby.ts";

const TABLE: Readonly<Record<TakeoverMode["kind"], readonly Row[]>> = {
  standby: ON_STANDBY,
  claiming: WHILE_CLAIMING,
  holding: WHILE_HOLDING,
  "on-hold": WHILE_ON_HOLD,
};

/** A new kind of event does not compile until it is here, and then every mode owes it a row. */
const EVENTS: Readonly<Record<TakeoverEvent["kind"], true>> = {
  "mastership-gained": true,
  "mastership-lost": true,
  claimed: true,
  "ownership-read": true,
  rehearsed: true,
  "call-failed": true,
  "calls-lost": true,
  doubt: true,
  "woke-late": true,
  "hold-ended": true,
  tick: true,
};

describe.each(Object.entries(TABLE))("%s", (mode, rows) => {
  it.each(rows)("$name", ({ given, event, at, settings, actions, next }) => {
    expect(given.kind).toBe(mode);
    const [after, done] = stepTakeover(takeoverIn(given, settings), event, millis(at));
    expect(done).toEqual(actions);
    expect(after.mode).toEqual(next);
  });

  it.each(Object.keys(EVENTS))("has a row for %s", (kind) => {
    expect(rows.map(({ event }) => event.kind)).toContain(kind);
  });
});
