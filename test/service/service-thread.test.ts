import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IpAddress } from "../../src/base/ip.ts";
import type { ProviderError, ProviderErrorFacts } from "../../src/provider/errors.ts";
import type { ServiceThread, ServiceThreadEvents } from "../../src/service/service-thread.ts";
import { requires } from "../setup/requires.ts";
import { PlugIns } from "./plug-ins.ts";

/** As it is installed: the thread's file exists compiled only. */
const BUILT = new URL("../../dist/src/service-thread.js", import.meta.url).href;
const VIP = "192.0.2.100" as IpAddress;
const PORTS = {
  interfaceName: "eth0",
  hardwareAddress: "02:00:00:00:00:01",
  sourceAddress: "192.0.2.1" as IpAddress,
};
const PATIENCE = 20_000;

type LogLine = Parameters<ServiceThreadEvents["log"]>[0];

let plugIns: PlugIns;
let thread: ServiceThread;
let logged: LogLine[];
let restarts: string[];

beforeEach(requires("built"));
beforeEach(async () => {
  const module = (await import(/* @vite-ignore */ BUILT)) as { ServiceThread: typeof ServiceThread };
  [plugIns, logged, restarts] = [new PlugIns(), [], []];
  thread = new module.ServiceThread({
    log: (line) => logged.push(line),
    onRestart: (why) => restarts.push(why),
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await thread?.end();
  plugIns?.remove();
});

const open = (name: string, options = {}) => thread.open({ key: "V1", name, options, ports: PORTS });
const call = (operation: "claim" | "owner" | "rehearse") => thread.call("V1", operation, [VIP]).answer;
const notes = () => (existsSync(plugIns.file("notes")) ? readFileSync(plugIns.file("notes"), "utf8") : "");

async function failureOf(answer: Promise<unknown>): Promise<ProviderErrorFacts> {
  const error: unknown = await answer.then(
    () => new Error("it was answered"),
    (reason: unknown) => reason,
  );
  return (error as ProviderError).facts;
}

/** The thread was started again, and the provider answers as before. */
async function expectRecovered(why: RegExp): Promise<void> {
  await vi.waitFor(() => expect(restarts).toEqual([expect.stringMatching(why)]), PATIENCE);
  await expect(call("rehearse")).resolves.toMatchObject({ operation: "rehearse" });
}

describe("the service thread", () => {
  it("answers what it is asked, and one call does not wait for another", async () => {
    const methods = `
      owner: async (vips) => { await claimed; return all(vips, { kind: "mine", source: "api" }); },
      claim: async () => tell()`;
    const beforehand = "let tell; const claimed = new Promise((resolve) => { tell = resolve; });";
    expect(await open(plugIns.write(methods, beforehand))).toBe("move");
    const [owner, claim] = [call("owner"), call("claim")];
    expect(await claim).toEqual({ operation: "claim" });
    expect(await owner).toEqual({
      operation: "owner",
      owners: [{ vip: VIP, owner: { kind: "mine", source: "api" } }],
    });
  });

  it("passes on what a plug-in logs, with whose it is", async () => {
    const file = plugIns.write("claim() { ports.log('info', 'claimed', { took: 3 }); }");
    await open(file);
    await call("claim");
    expect(logged).toMatchObject([
      { level: "info", message: "claimed", facts: { instance: "V1", provider: file, took: 3 } },
    ]);
  });

  it("ends a call that is aborted, even where the plug-in goes on", async () => {
    await open(plugIns.write("claim() { note('claiming'); return new Promise(() => {}); }"));
    const { answer, abort } = thread.call("V1", "claim", [VIP]);
    await vi.waitFor(() => expect(notes()).toBe("claiming\n"));
    abort();
    expect((await failureOf(answer)).kind).toBe("unreachable");
  });

  it("lets the plug-in see the abort", async () => {
    const file = plugIns.write(
      "claim: (_, signal) => new Promise((_, reject) => { note('claiming'); signal.onabort = () => { note('aborted'); reject(signal.reason); }; })",
    );
    await open(file);
    const { answer, abort } = thread.call("V1", "claim", [VIP]);
    await vi.waitFor(() => expect(notes()).toBe("claiming\n"));
    abort();
    await failureOf(answer);
    expect(notes()).toBe("claiming\naborted\n");
  });

  it("closes every provider before it ends", async () => {
    await open(plugIns.write("close: async () => { await sleep(20); note('closed'); }"));
    await thread.end();
    expect(notes()).toBe("closed\n");
  });

  it("ends even where a plug-in does not close", async () => {
    await open(plugIns.write("close: () => new Promise(() => {})"));
    await thread.end();
    expect((await failureOf(call("claim"))).message).toBe("it is not running");
  });
});

describe("options that are wrong", () => {
  it("are refused with every mistake", async () => {
    const failure = await failureOf(open("aws", { mechanism: "magic", colour: "red" }));
    expect(failure.kind).toBe("misconfigured");
    expect(failure.message).toMatch(/provider\.mechanism/);
    expect(failure.hint).toContain("README");
  });

  it.each([
    ["a package that is not installed", "no-such-package-anywhere", "cannot be loaded"],
    ["a file that is not there", "/no/such/file.mjs", "cannot be loaded"],
  ])("are refused: %s", async (_, name, message) => {
    expect(await failureOf(open(name))).toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["exports no provider", "export const provider = 1;", "exports no provider"],
    ["throws while it is loaded", "throw new Error('not today');", "not today"],
    ["is no JavaScript", "export const = ;", "cannot be loaded"],
  ])("are refused: a module that %s", async (_, text, message) => {
    expect(await failureOf(open(plugIns.writeModule(text)))).toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(message),
    });
  });

  it("leave the provider before it at work, also after a restart", async () => {
    await open(plugIns.write("claim: async () => note('claimed'), rehearse() { process.exit(0); }"));
    await failureOf(open("aws", { mechanism: "magic" }));
    await call("claim");
    await failureOf(call("rehearse"));
    await vi.waitFor(() => expect(restarts).toHaveLength(1), PATIENCE);
    await call("claim");
    expect(notes()).toBe("claimed\nclaimed\n");
  });
});

describe("a plug-in", () => {
  it.each([
    ["throws", "claim() { throw new Error('broken'); }", "broken"],
    ["rejects", "claim: async () => { throw new Error('broken'); }", "broken"],
    ["throws no error", "claim() { throw 'just text'; }", "just text"],
    ["throws nothing at all", "claim() { throw undefined; }", "undefined"],
    ["has no such method", "claim: undefined", "claim"],
  ])("that %s has failed, and the thread lives on", async (_, methods, message) => {
    await open(plugIns.write(methods));
    expect(await failureOf(call("claim"))).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining(message),
    });
    await expect(call("rehearse")).resolves.toMatchObject({ operation: "rehearse" });
    expect(restarts).toEqual([]);
  });

  it("may refuse with an error of the contract, from its own copy of the class", async () => {
    const facts =
      "{ kind: 'throttled', operation: 'acme:Move', message: 'slow down', hint: 'wait', retryAfterMs: 700 }";
    await open(
      plugIns.write(
        "claim() { throw new ProviderError(); }",
        `class ProviderError extends Error { name = "ProviderError"; facts = ${facts}; }`,
      ),
    );
    expect(await failureOf(call("claim"))).toMatchObject({ kind: "throttled", retryAfterMs: 700 });
  });

  it.each([
    ["nothing", "undefined"],
    ["no list", "({ mine: true })"],
    ["about no address", "[]"],
    ["about another address", "all(['192.0.2.101'], { kind: 'mine', source: 'api' })"],
    ["about one address twice", "all([...vips, ...vips], { kind: 'mine', source: 'api' })"],
    ["of an unknown kind", "all(vips, { kind: 'ours', source: 'api' })"],
    ["without a holder", "all(vips, { kind: 'other', source: 'api' })"],
    ["that cannot be told across threads", "all(vips, { kind: 'mine', source: 'api', tell: () => {} })"],
  ])("that says %s of the owners is not believed", async (_, owners) => {
    await open(plugIns.write(`owner: async (vips) => ${owners}`));
    expect((await failureOf(call("owner"))).kind).toBe("unreachable");
    expect(restarts).toEqual([]);
  });

  it("that prints has no part in the agent's output", async () => {
    const [out, err] = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    await open(
      plugIns.write(
        "async claim() { console.log('SECRET-1'); console.error('SECRET-2'); process.stdout.write('SECRET-3'); }",
      ),
    );
    await call("claim");
    await call("rehearse");
    const printed = [...out.mock.calls, ...err.mock.calls].map(([chunk]) => String(chunk)).join("");
    vi.restoreAllMocks();
    expect(printed).not.toContain("SECRET");
  });
});

describe("a service thread that dies", () => {
  it.each([
    ["the plug-in ends the process", "process.exit(3);", /ended with code 3/],
    ["an error escapes from a timer", "setTimeout(() => { throw new Error('late'); });", /failed: late/],
    ["a rejection is handled by nobody", "Promise.reject(new Error('lost'));", /failed: lost/],
    [
      "the plug-in eats memory",
      "const eaten = []; for (;;) eaten.push(new Array(1e6).fill(Math.random()));",
      /memory/,
    ],
  ])(
    "because %s is started again with the same provider",
    async (_, deed, why) => {
      await open(plugIns.write(`claim() { ${deed} return new Promise(() => {}); }`));
      const failure = await failureOf(call("claim"));
      expect(failure).toMatchObject({ kind: "unreachable", operation: "service thread" });
      await expectRecovered(why);
    },
    PATIENCE,
  );

  it("fails what is asked before the next one is there", async () => {
    await open(plugIns.write("claim() { process.exit(0); }"));
    await failureOf(call("claim"));
    expect((await failureOf(call("owner"))).message).toBe("it is not running");
    await expectRecovered(/ended with code 0/);
  });

  it("tells when the provider cannot be opened again", async () => {
    const file = plugIns.writeModule(`
      import { existsSync, writeFileSync } from "node:fs";
      const flag = ${JSON.stringify(plugIns.file("flag"))};
      if (existsSync(flag)) throw new Error("only once");
      writeFileSync(flag, "");
      export const provider = {
        options: { safeParse: (data) => ({ success: true, data }) }, kindOf: () => "move",
        create: () => ({ identify: async () => ({ instanceId: "i", networkInterfaceId: "n" }), claim() { process.exit(1); } }),
      };`);
    await open(file);
    await failureOf(call("claim"));
    await vi.waitFor(
      () => expect(logged.map(({ message }) => message)).toEqual([expect.stringContaining("only once")]),
      PATIENCE,
    );
  });
});

describe("a service thread that stalls", () => {
  it("is given up after ten signs of life that did not come, and started again", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
    const module = (await import(/* @vite-ignore */ BUILT)) as { ServiceThread: typeof ServiceThread };
    await thread.end();
    thread = new module.ServiceThread({
      log: (line) => logged.push(line),
      onRestart: (why) => restarts.push(why),
    });
    await open(plugIns.write("claim() { note('stalls'); for (;;); }"));
    const failure = failureOf(call("claim"));
    while (notes() === "") await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(11_000);
    expect(await failure).toMatchObject({ kind: "unreachable", message: expect.stringContaining("10 s") });
    vi.advanceTimersByTime(1_000);
    expect(restarts).toEqual([expect.stringContaining("did not answer for 10 s")]);
    await expect(call("rehearse")).resolves.toMatchObject({ operation: "rehearse" });
  });
});
