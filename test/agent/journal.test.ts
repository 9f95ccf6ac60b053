import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { Journal } from "../../src/agent/journal.ts";
import { millis } from "../../src/base/units.ts";
import { PEER } from "./fake-host.ts";

describe("the journal", () => {
  let lines: { level: number; event: string; msg: string; repeated?: number }[];
  let now: number;
  let journal: Journal;

  beforeEach(() => {
    lines = [];
    now = 0;
    const log = pino({ level: "debug" }, { write: (line: string) => lines.push(JSON.parse(line)) });
    journal = new Journal(log, () => millis(now));
  });

  const refused = { kind: "packet-refused", reason: "ttl", source: PEER } as const;
  const verified = { kind: "cloud-verified", took: millis(20) } as const;

  it("says once a minute what packets cause, and how often it was left out", () => {
    for (let count = 0; count < 100; count++) journal.write("V1", refused);
    now = 60_000;
    journal.write("V1", refused);
    expect(lines.map(({ event, repeated }) => [event, repeated])).toEqual([
      ["packet-refused", undefined],
      ["packet-refused", 99],
    ]);
  });

  it("says each step of a failover, however soon it comes again", () => {
    journal.write("V1", verified);
    journal.write("V1", verified);
    expect(lines.map(({ event }) => event)).toEqual(["cloud-verified", "cloud-verified"]);
  });

  it("writes no secret of an address that a cloud or a program quotes", () => {
    const message = "GET https://user:pa55word@api.example/x?token=t0k3n failed";
    journal.write("V1", { kind: "cloud-call-failed", operation: "claim", message, attempts: 1 });
    journal.write("V1", { kind: "cloud-not-ready", obstacles: [message] });
    expect(JSON.stringify(lines)).not.toMatch(/pa55word|t0k3n/);
    expect(lines[0]?.msg).toContain("GET https://api.example/x?*** failed");
  });

  it("tells instances apart", () => {
    journal.write("V1", refused);
    journal.write("V2", refused);
    expect(lines).toHaveLength(2);
  });

  it("does not remember more than a thousand lines, whoever invents sources", () => {
    for (let count = 0; count < 5_000; count++) journal.write(`V${count}`, refused);
    journal.write("V4999", refused);
    expect(lines).toHaveLength(5_000);
  });

  it("names the smallest safe interval when the timer was late, and repeats it once a minute", () => {
    journal.writeLate({ late: millis(40), advertInterval: millis(30) });
    journal.writeLate({ late: millis(44), advertInterval: millis(30) });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.msg).toContain("the smallest safe advert_int for that is 80 ms");
  });
});
