import { describe, expect, it } from "vitest";
import type { NotifiedEvent } from "../../src/notify/notification.ts";
import { LANGUAGES } from "../../src/notify/wording/phrases.ts";
import { PHRASES, reportsOf } from "../../src/notify/wording/report.ts";
import { FAULT, notification, PEER, SERVING, STARTED, STOOD_BY, TOOK_OVER } from "./samples.ts";

const EVERY_EVENT: readonly NotifiedEvent[] = [
  TOOK_OVER,
  STOOD_BY,
  FAULT,
  STARTED,
  { ...STOOD_BY, to: "INIT", reason: { kind: "stopped" } },
  { ...STOOD_BY, reason: { kind: "gave-up", holder: "10.0.0.4" } },
  { ...STARTED, to: "MASTER", reason: { kind: "owner" } },
  { ...STARTED, from: "FAULT", reason: { kind: "fault-over" } },
  SERVING,
  { kind: "lower-priority-heard", from: PEER, priority: 90 },
  { kind: "address-failed", doing: "bind", address: "10.0.0.10/32", interfaceName: "eth0", error: "EPERM" },
  { kind: "address-put-back", address: "10.0.0.10/32", interfaceName: "eth0" },
  { kind: "announce-failed", address: "10.0.0.10", error: "ENETDOWN" },
  { kind: "handover-failed" },
  { ...STOOD_BY, reason: { kind: "handed-over", to: PEER } },
  { ...STOOD_BY, to: "INIT", reason: { kind: "nobody-took-over" } },
  { kind: "cloud-verified", took: 80 as never },
  { kind: "cloud-call-failed", operation: "claim", message: "ec2: denied", attempts: 3 },
  { kind: "cloud-repair", holder: undefined },
  { kind: "cloud-contested", holder: "i-0abc" },
  { kind: "cloud-unknown", why: "no answer" },
  { kind: "cloud-ready" },
  { kind: "cloud-not-ready", obstacles: ["the role lacks ec2:AssignPrivateIpAddresses"] },
  { kind: "service-thread-restarted", why: "the service thread ended with code 1" },
  { kind: "flapping", transitions: 7, withinMs: 60_000, heldForMs: null },
  { kind: "flapping", transitions: 7, withinMs: 60_000, heldForMs: 300_000 },
  { kind: "hold-over", why: "over" },
  { kind: "hold-over", why: "asked" },
  { ...TOOK_OVER, kind: "group-transition", member: "VI_1" },
  { ...FAULT, reason: { kind: "fault", faults: ["sibling:VI_2"] } },
  { ...STOOD_BY, reason: { kind: "followed-group", member: "VI_2" } },
  { kind: "settled", transitions: 12, state: "BACKUP" },
  { kind: "test" },
];

describe("a report", () => {
  it("of a takeover says what, where, why, who had it, for how long, and what to do", () => {
    const [report] = reportsOf([notification(TOOK_OVER)], "en");
    expect(report?.title).toBe("node-b took over VI_1 (10.0.0.10/32)");
    expect(asText(report)).toBe(
      [
        "Why: BACKUP -> MASTER: the MASTER fell silent",
        "Node: node-b",
        "Instance: VI_1 (VRID 51, eth0)",
        "Addresses: 10.0.0.10/32",
        "Before: 10.0.0.4 (150)",
        "Silence: 3609 ms",
        "Lasted: BACKUP, 86400 s",
        "Time: 2026-11-20 12:00:00 UTC",
        "Next: see what happened to 10.0.0.4; until it is back, nobody can take over from node-b",
      ].join("\n"),
    );
  });

  it("says the same in Chinese", () => {
    const [report] = reportsOf([notification(TOOK_OVER)], "zh");
    expect(report?.title).toBe("node-b 接管了 VI_1 (10.0.0.10/32)");
    expect(asText(report)).toContain("原因: BACKUP -> MASTER：主节点不再发送通告");
    expect(asText(report)).toContain("建议: 检查 10.0.0.4 发生了什么；在它恢复之前，没有节点可以接替 node-b");
  });

  it("tells a takeover and its phases at once when both are there", () => {
    const reports = reportsOf([notification(TOOK_OVER), notification(SERVING)], "en");
    expect(reports).toHaveLength(1);
    expect(asText(reports[0])).toContain(
      "Failover: detect 3609 ms, elect 0.2 ms, bind 0.9 ms, announce 0.4 ms, claim 120 ms, verify 80 ms",
    );
  });

  it("does not give one instance the phases of another", () => {
    const other = notification(SERVING);
    const renamed = { ...other, instance: { ...other.instance!, name: "VI_2" } };
    expect(reportsOf([notification(TOOK_OVER), renamed], "en")).toHaveLength(2);
  });

  it("names what the checks said last", () => {
    const checks = [{ name: "nginx", ok: false, output: "connection refused" }];
    const [report] = reportsOf([notification({ ...FAULT, checks })], "en");
    expect(asText(report)).toContain("Check: nginx failed: connection refused");
  });

  it("says how many equal ones were left out", () => {
    const [report] = reportsOf(
      [notification({ kind: "cloud-unknown", why: "no answer" }, { repeated: 41 })],
      "en",
    );
    expect(asText(report)).toContain("(and 41 more like this, left out)");
  });

  it.each(LANGUAGES)("has words for every event in %s", (language) => {
    for (const event of EVERY_EVENT) {
      const [report] = reportsOf([notification(event)], language);
      expect(report?.title).toMatch(/\S/);
      expect(asText(report)).not.toMatch(/undefined|null|NaN|\[object/);
      expect(report?.facts.at(-1)?.label).toBe(PHRASES[language].labels.advice);
    }
  });
});

function asText(report: ReturnType<typeof reportsOf>[number] | undefined): string {
  return (report?.facts ?? []).map(({ label, value }) => `${label}: ${value}`).join("\n");
}
