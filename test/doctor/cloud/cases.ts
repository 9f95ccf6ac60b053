import { afterEach, describe, expect, it } from "vitest";
import { type CloudServer, codesOf, fixedBy, runDoctor } from "./run-doctor.ts";

/** One thing that can be wrong, and how it is put right. */
export interface Case<Cloud> {
  /** What doctor must find. */
  readonly code: string;
  /** In words, where a code has several cases. */
  readonly when?: string;
  /** The server that doctor runs on, while all is well; what must be prepared in the cloud for that too. */
  readonly healthy: (cloud: Cloud) => CloudServer;
  /** Breaks exactly one thing: in the cloud, or in what the server's file says. */
  readonly broken: (cloud: Cloud) => CloudServer | undefined;
  /** By `doctor --fix`, or by hand: in the cloud, or by writing the healthy file again. */
  readonly mend: "doctor" | "file" | ((cloud: Cloud) => void);
  /** Codes that the same break brings along. */
  readonly also?: readonly string[];
  /** Codes that cannot be answered any more. */
  readonly unseen?: readonly string[];
}

/** Each case in a cloud of its own: healthy, broken, mended. */
export function describeCases<Cloud extends { stop(): Promise<void> }>(
  name: string,
  start: () => Promise<Cloud>,
  cases: readonly Case<Cloud>[],
): void {
  describe(name, () => {
    let cloud: Cloud;
    afterEach(() => cloud.stop());

    it.each(cases.map((one) => [`${one.code}${one.when ? ` when ${one.when}` : ""}`, one] as const))(
      "finds %s, and no longer when it is mended",
      async (_, one) => {
        cloud = await start();
        const healthy = one.healthy(cloud);
        const check = [one.code];
        expect(codesOf(await runDoctor(healthy, { check }))).toEqual([]);

        const server = one.broken(cloud) ?? healthy;
        const before = await runDoctor(server);
        expect(new Set(codesOf(before))).toEqual(new Set([one.code, ...(one.also ?? []), ...usual(before)]));
        expect(before.unseen.map(({ code }) => code)).toEqual(one.unseen ?? []);
        expectReadable(before.findings);

        if (one.mend === "doctor") expect(await fixedBy(server, check)).toMatch(/^ {6}done {5}\S/m);
        else if (one.mend !== "file") one.mend(cloud);
        expect(codesOf(await runDoctor(one.mend === "file" ? healthy : server, { check }))).toEqual([]);
      },
    );
  });
}

/** What doctor says in any case on a node that holds nothing: it is no warning. */
function usual({ findings }: Awaited<ReturnType<typeof runDoctor>>): readonly string[] {
  return findings.filter(({ severity }) => severity === "info").map(({ code }) => code);
}

function expectReadable(findings: Awaited<ReturnType<typeof runDoctor>>["findings"]): void {
  for (const { message, consequence, fix } of findings) {
    expect([message, consequence, fix?.advice ?? "", ...(fix?.commands ?? []).flat()].join()).not.toMatch(
      /undefined|\[object|NaN/,
    );
    expect(fix?.advice).not.toBe("");
  }
}
