import { expect, test } from "vitest";
import { type Check, type DoctorContext, fine } from "../../src/doctor/check.ts";
import { runChecks } from "../../src/doctor/runner.ts";
import { CONFIG_FILE, fakeHost, pairConfig } from "./fake-host.ts";

test("a check that never answers is given up at its deadline, and the others are reported", async () => {
  const results = await run([
    check({ code: "host/hangs", deadlineMs: 20, run: () => new Promise(() => {}) }),
    check({ code: "host/answers", run: () => fine("here") }),
  ]);
  expect(results).toMatchObject([
    { kind: "unseen", check: { code: "host/hangs" }, why: "no answer within 0.02 s" },
    { kind: "fine", check: { code: "host/answers" }, note: "here" },
  ]);
});

test("checks that measure time run when all others are done", async () => {
  const order: string[] = [];
  const note = (name: string) => async () => {
    await Promise.resolve();
    order.push(name);
    return fine(name);
  };
  const results = await run([
    check({ code: "host/measures", isQuiet: true, run: note("measures") }),
    check({ code: "host/looks", run: note("looks") }),
  ]);
  expect(order).toEqual(["looks", "measures"]);
  expect(results.map((result) => result.check.code)).toEqual(["host/measures", "host/looks"]);
});

test("checks that measure time do not wait for those that only wait", async () => {
  const order: string[] = [];
  let answerPatient = () => {};
  const packet = new Promise<void>((resolve) => {
    answerPatient = resolve;
  });
  const results = await run([
    check({ code: "wire/listens", isPatient: true, run: () => packet.then(() => fine("heard")) }),
    check({
      code: "host/measures",
      isQuiet: true,
      run: () => {
        order.push("measures");
        answerPatient();
        return fine("measured");
      },
    }),
  ]);
  expect(order).toEqual(["measures"]);
  expect(results.map(({ kind }) => kind)).toEqual(["fine", "fine"]);
});

test("a finding has the code of its check, and its severity unless it says another", async () => {
  const discovery = { message: "m", evidence: [], consequence: "c", fix: undefined };
  const [result] = await run([
    check({
      code: "host/finds",
      run: () => ({ kind: "found", discoveries: [discovery, { ...discovery, severity: "info" }] }),
    }),
  ]);
  expect(result).toMatchObject({
    kind: "found",
    findings: [
      { code: "host/finds", severity: "warning" },
      { code: "host/finds", severity: "info" },
    ],
  });
});

function check(part: Pick<Check, "code" | "run"> & Partial<Check>): Check {
  return { title: "all is well", severity: "warning", why: "because", ...part };
}

async function run(checks: readonly Check[]) {
  const context: DoctorContext = {
    configFile: CONFIG_FILE,
    config: await pairConfig(),
    problems: [],
    agent: undefined,
    host: fakeHost(),
  };
  return runChecks(checks, context);
}
