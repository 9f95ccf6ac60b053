import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FaultRule } from "../../cloud/base/faults.ts";
import { AwsFixture, live, nodeA, nodeB, ownerOf, PATIENCE, refusalOf, VIP } from "./against-emulator.ts";

let fixture: AwsFixture;

beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

const ASSIGN = "AssignPrivateIpAddresses";
const inject = (rule: FaultRule) => fixture.emulator.cloud.faults.inject(rule);
const assigns = () => fixture.emulator.cloud.journal.entries({ action: ASSIGN });

describe("a claim that the cloud does not accept", () => {
  it.each([
    [{ kind: "throttle" }, "throttled", "soon"],
    [{ kind: "error-500" }, "unreachable", "soon"],
  ] as const)("ends as %j: %s, to be repeated %s", async (rule, kind, retry) => {
    const a = await fixture.identified(1);
    inject({ ...rule, action: ASSIGN });
    const error = await refusalOf(a.claim([VIP], live()));
    expect([error.facts.kind, error.retry]).toEqual([kind, retry]);
    expect(error.facts.requestId).toMatch(/^req-/);
    // Repeating is for the takeover, which knows whether the answer still matters.
    expect(assigns()).toHaveLength(1);
  });

  it("names the permission that is missing, in one line and without the encoded blob", async () => {
    const a = await fixture.identified(1);
    fixture.emulator.cloud.permissions.deny(ASSIGN);
    const error = await refusalOf(a.claim([VIP], live()));
    expect([error.facts.kind, error.retry]).toEqual(["denied", "slowly"]);
    expect(error.message).toContain(`not authorized to perform: ec2:${ASSIGN}`);
    expect(error.message).not.toMatch(/Encoded|\n/);
  });

  it("ends at its deadline when no answer comes", async () => {
    const a = await fixture.identified(1, { mechanism: "secondary-ip", request_timeout: 0.2 });
    inject({ kind: "hang", action: ASSIGN });
    const error = await refusalOf(a.claim([VIP], live()));
    expect(error.facts).toMatchObject({
      kind: "unreachable",
      message: "the EC2 API did not answer within 200 ms",
    });
  });

  it("ends at once when it is aborted, because mastership was lost", async () => {
    const a = await fixture.identified(1, { mechanism: "secondary-ip", request_timeout: 60 });
    inject({ kind: "hang", action: ASSIGN });
    const abort = new AbortController();
    const claim = a.claim([VIP], abort.signal);
    await expect.poll(() => assigns().length, PATIENCE).toBe(1);
    abort.abort(new Error("mastership was lost"));
    await expect(claim).rejects.toThrow("mastership was lost");
  });
});

describe("a broken connection", () => {
  it("is opened anew and the call repeated once", async () => {
    const a = await fixture.identified(1);
    inject({ kind: "reset", action: ASSIGN, count: 1 });
    await a.claim([VIP], live());
    expect(fixture.addressesOf(nodeA.interfaceId)).toContain(VIP);
  });

  it("that breaks again is an unreachable cloud", async () => {
    const a = await fixture.identified(1);
    inject({ kind: "reset", action: ASSIGN });
    expect((await refusalOf(a.claim([VIP], live()))).facts.kind).toBe("unreachable");
    expect(assigns()).toHaveLength(2);
  });

  it("after the work was done does no harm, because the call may be repeated", async () => {
    const a = await fixture.identified(1);
    inject({ kind: "lost-answer", action: ASSIGN, count: 1 });
    await a.claim([VIP], live());
    expect(fixture.addressesOf(nodeA.interfaceId)).toEqual([nodeA.address, VIP]);
  });
});

describe("credentials", () => {
  it("that expired are renewed within the call", async () => {
    const a = await fixture.identified(1);
    fixture.emulator.cloud.credentials.expire(nodeA.instanceId);
    await a.claim([VIP], live());
    expect(assigns().map((entry) => entry.outcome)).toEqual(["RequestExpired", "ok"]);
  });

  it("that end soon are used on while metadata are down", async () => {
    const short = await AwsFixture.start({ credentialsLifetimeMs: 60_000 });
    const a = await short.identified(1);
    short.emulator.cloud.faults.inject({ kind: "metadata-down" });
    await a.claim([VIP], live());
    expect(short.addressesOf(nodeA.interfaceId)).toContain(VIP);
    await short.stop();
  });

  it("are resolved before the first claim, which then asks metadata nothing", async () => {
    const a = await fixture.identified(1);
    fixture.emulator.cloud.journal.clear();
    await a.claim([VIP], live());
    expect(fixture.emulator.cloud.journal.entries().map((entry) => entry.action)).toEqual([ASSIGN]);
  });

  it("never appear in an error", async () => {
    const a = await fixture.identified(1);
    const { accessKeyId, secretAccessKey, sessionToken } = fixture.emulator.cloud.credentials.forInstance(
      nodeA.instanceId,
    );
    fixture.emulator.cloud.permissions.deny(ASSIGN);
    const error = await refusalOf(a.claim([VIP], live()));
    const text = JSON.stringify([error, error.message, error.facts, error.stack, fixture.logged]);
    for (const secret of [accessKeyId, secretAccessKey, sessionToken ?? ""])
      expect(text).not.toContain(secret);
  });
});

describe("a clock that is wrong", () => {
  it("is corrected by the cloud's own, as the SDK does from the refusal", async () => {
    const a = await fixture.identified(1);
    inject({ kind: "clock-skew", skewMs: 20 * 60 * 1000 });
    await a.claim([VIP], live());
    expect(assigns().map((entry) => entry.outcome)).toEqual(["RequestExpired", "ok"]);
  });
});

describe("the connection to the API", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is opened at start, and used when it would idle too long", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    await fixture.identified(1);
    const questions = () => fixture.emulator.cloud.journal.entries({ action: "DescribeNetworkInterfaces" });
    expect(questions()).toHaveLength(1);
    vi.advanceTimersByTime(20_000);
    await expect.poll(() => questions().map((entry) => entry.outcome), PATIENCE).toEqual(["ok", "ok"]);
    expect(questions()[1]?.connection).toBe(questions()[0]?.connection);
  });

  it("is kept open between calls", async () => {
    const a = await fixture.identified(1);
    await a.claim([VIP], live());
    await a.claim([VIP], live());
    const connections = assigns().map((entry) => entry.connection);
    expect(connections[1]).toBe(connections[0]);
  });
});

describe("a stale read", () => {
  it("shows another holder, and metadata keep it from being believed", async () => {
    const [a, b] = [await fixture.identified(1), await fixture.identified(2)];
    await b.claim([VIP], live());
    inject({ kind: "stale-read" });
    await a.claim([VIP], live());
    expect(await ownerOf(a)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining(nodeB.instanceId),
    });
  });
});
