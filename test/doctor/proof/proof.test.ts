/**
 * For every check of the host: something is broken on a host that is real, doctor sees it, and doctor's own fix, or a hand that
 * follows its advice, ends it. Where something is not real, its row says so.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CHECKS } from "../../../src/doctor/catalogue.ts";
import { waitFor } from "../../lab/wait-for.ts";
import { requireNamespaces } from "../../linux/in-namespace.ts";
import { requires } from "../../setup/requires.ts";
import { FILE_ROWS } from "./file-rows.ts";
import { FIREWALL_ROWS } from "./firewall-rows.ts";
import { NETWORK_ROWS } from "./network-rows.ts";
import type { Row } from "./row.ts";
import { SERVICE_ROWS } from "./service-rows.ts";
import { ProofWorld } from "./world.ts";

// Each test starts dozens of tools.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ROWS: readonly Row[] = [...FILE_ROWS, ...NETWORK_ROWS, ...FIREWALL_ROWS, ...SERVICE_ROWS];
const HOST_CODES = CHECKS.map(({ code }) => code).filter((code) => code.startsWith("host/"));

/** They look at this machine's own time, which is what it is. */
const OF_THE_MACHINE = ["host/scheduling-late", "host/clock-steps", "host/clock-unsynchronised"];

let world: ProofWorld;

beforeEach(async (context) => {
  requireNamespaces(context);
  requires("nft", "iptables")(context);
  world = await ProofWorld.make();
  vi.stubEnv("PATH", `${world.bin}:${process.env["PATH"]}`);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await world?.close();
});

test("a healthy host has no findings", async () => {
  const codes = HOST_CODES.filter((code) => !OF_THE_MACHINE.includes(code));
  expect(await world.codesFound(codes)).toEqual([]);
});

test("every check of the host has its proof", () => {
  expect([...new Set(ROWS.map(({ code }) => code))].toSorted()).toEqual(HOST_CODES.toSorted());
});

describe("what is broken", () => {
  test.for(ROWS)("is found as $code and mended: $what", async (row, context) => {
    const { code, needs = [], mend } = row;
    requires(...needs)(context);
    if (!OF_THE_MACHINE.includes(code)) expect(await world.codesFound([code])).toEqual([]);
    await row.break(world);
    expect(await world.codesFound([code])).toEqual([code]);
    const text = await world.examine(
      mend === "--fix" ? { check: [code], fix: true, yes: true } : { check: [code] },
    );
    if (mend === "--fix") {
      expect(text).toContain("      done     ");
      expect(text).not.toContain("      failed   ");
    } else {
      expect(text).toContain(mend.advice);
      await mend.follow(world);
    }
    // A carrier comes up a moment after its interface, and a process ends a moment after it was asked to.
    const gone = async () => (await world.codesFound([code])).length === 0;
    await waitFor(gone, { what: `the end of ${code}` });
  });
});
