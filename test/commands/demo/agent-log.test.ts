import { expect, test } from "vitest";
import { factOf } from "../../../src/commands/demo/agent-log.ts";

const STARTED_AT = Date.parse("2026-11-20T12:00:00.000Z");

test.each([
  [
    "transition",
    { from: "BACKUP", to: "MASTER", reason: { kind: "took-over", cause: "master-silent" } },
    {
      kind: "transition",
      from: "BACKUP",
      to: "MASTER",
      reason: { kind: "took-over", cause: "master-silent" },
    },
  ],
  ["serving", { phases: { detect: 300 } }, { kind: "serving", phases: { detect: 300 } }],
  ["lower-priority-heard", { from: "10.99.0.12", priority: 100 }, { kind: "reasserted" }],
  ["cloud-ready", {}, { kind: "ready" }],
  ["cloud-repair", { holder: "i-00000000000000003" }, { kind: "repair" }],
])("a log line about %s is a fact of the demo", (event, facts, expected) => {
  const line = JSON.stringify({
    time: "2026-11-20T12:00:01.234Z",
    level: 30,
    event,
    instance: "demo",
    ...facts,
  });
  expect(factOf(line, "node-b", STARTED_AT)).toEqual({ node: "node-b", at: 1234, ...expected });
});

test("a log line about anything else is none", () => {
  const line = JSON.stringify({
    time: "2026-11-20T12:00:01.234Z",
    level: 30,
    event: "ready",
    socket: "libc",
  });
  expect(factOf(line, "node-b", STARTED_AT)).toBeUndefined();
});
