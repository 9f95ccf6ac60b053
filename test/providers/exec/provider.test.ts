import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { execOptions } from "../../../providers/exec/options.ts";
import { provider as definition } from "../../../providers/exec/provider.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { Provider } from "../../../src/provider/contract.ts";
import type { ProviderError } from "../../../src/provider/errors.ts";
import type { PreflightAnswer } from "../../../src/provider/preflight.ts";
import { programDirectory } from "./program-files.ts";

const VIP = "10.0.0.5" as IpAddress;
const OTHER_VIP = "10.0.0.6" as IpAddress;
const live = () => new AbortController().signal;

let programs: Awaited<ReturnType<typeof programDirectory>>;
const created: Provider[] = [];

beforeEach(async () => {
  programs = await programDirectory();
});

afterEach(async () => {
  await Promise.all(created.splice(0).map((provider) => provider.close()));
  await programs.remove();
  vi.unstubAllEnvs();
});

/** A provider around a shell script; `$request` is a file that gets the request. */
async function providerOf(body: string, options: { timeout?: number } = {}) {
  const command = [await programs.script("program", body), "--flag", "two words"];
  const provider = definition.create(execOptions.parse({ command, ...options }), {
    interfaceName: "eth0",
    hardwareAddress: "fa:16:3e:58:85:71",
    sourceAddress: "10.0.0.2" as IpAddress,
    log: () => undefined,
  });
  created.push(provider);
  return provider;
}

async function refusalOf(promise: Promise<unknown>): Promise<ProviderError> {
  return promise.then(
    () => expect.unreachable("it succeeded"),
    (error: ProviderError) => error,
  );
}

/** A busy machine may take long to start a shell. */
const waitUntil = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 10 });

const file = (name: string) => join(programs.path, name);

describe("what the program is asked", () => {
  it("gets one JSON object on stdin, and its arguments as they are written", async () => {
    const provider = await providerOf(`cat > ${file("request")}; printf '%s\\n' "$@" > ${file("args")}
      echo '{"claimed":true}'`);
    await provider.claim([VIP, OTHER_VIP], live());
    expect(JSON.parse(readFileSync(file("request"), "utf8"))).toEqual({
      version: 1,
      operation: "claim",
      vips: ["10.0.0.5", "10.0.0.6"],
      interface: "eth0",
      hardware_address: "fa:16:3e:58:85:71",
      source_address: "10.0.0.2",
      timeout_ms: 10_000,
    });
    expect(readFileSync(file("args"), "utf8")).toBe("--flag\ntwo words\n");
  });

  it("may answer without reading its request", async () => {
    const provider = await providerOf(`exec 0<&-; echo '{"claimed":true}'`);
    await expect(provider.claim([VIP], live())).resolves.toBeUndefined();
  });

  it("is shown in the plan", async () => {
    const provider = await providerOf("exit 0");
    expect(provider.plan([VIP]).calls).toEqual([
      { operation: `${file("program")} --flag two words (claim)`, parameters: { vips: ["10.0.0.5"] } },
    ]);
  });
});

describe("what the program answers", () => {
  it("names this server", async () => {
    const provider = await providerOf(`echo '{"instance":"i-1","network_interface":"nic-1","zone":"a"}'`);
    expect(await provider.identify(live())).toEqual({
      instanceId: "i-1",
      networkInterfaceId: "nic-1",
      subnetId: undefined,
      zone: "a",
      region: undefined,
    });
  });

  it("names the owner of each address, in the order asked, and an address left out is unknown", async () => {
    const provider = await providerOf(`echo '{"owners":[
      {"vip":"10.0.0.6","owner":"other","holder":"i-2","addresses":["10.0.0.3"],"more":"is ignored"}]}'`);
    expect(await provider.owner([VIP, OTHER_VIP], live())).toEqual([
      { vip: VIP, owner: { kind: "unknown", why: "the program said nothing about this address" } },
      {
        vip: OTHER_VIP,
        owner: { kind: "other", source: "api", holder: "i-2", addresses: ["10.0.0.3"], stopped: false },
      },
    ]);
  });

  it("leaves the owner unknown, and never lost, when it fails", async () => {
    const provider = await providerOf("echo cannot reach the cloud >&2; exit 3");
    expect(await provider.owner([VIP], live())).toEqual([
      { vip: VIP, owner: { kind: "unknown", why: expect.stringContaining("cannot reach the cloud") } },
    ]);
  });

  it("says why it could not take over", async () => {
    const provider = await providerOf(`echo '{"ready":false,"obstacles":[{"message":"no token"}]}'`);
    expect(await provider.rehearse([VIP], live())).toEqual({
      ready: false,
      obstacles: [{ code: "exec/not-ready", message: "no token", hint: "" }],
      credentialsExpire: undefined,
    });
  });

  it("is not ready when it says so without a reason, or fails", async () => {
    const silent = await providerOf(`echo '{"ready":false}'`);
    expect((await silent.rehearse([VIP], live())).obstacles).toHaveLength(1);
    const failing = await providerOf("exit 1");
    expect(await failing.rehearse([VIP], live())).toMatchObject({
      ready: false,
      obstacles: [{ code: "exec/unreachable" }],
    });
  });

  it("refuses with a kind that decides when it is asked again", async () => {
    const provider =
      await providerOf(`echo '{"error":{"kind":"throttled","message":"slow down","retry_after_ms":1500}}'
      exit 1`);
    const error = await refusalOf(provider.claim([VIP], live()));
    expect(error.facts).toMatchObject({ kind: "throttled", message: "slow down", retryAfterMs: 1_500 });
    expect(error.retry).toBe("soon");
  });
});

describe("a program that misbehaves", () => {
  const nonsense: readonly [string, string, RegExp][] = [
    ["answers nothing", "exit 0", /answered nothing/],
    ["answers text", "echo it worked", /not JSON/],
    ["answers another JSON", `echo '[1,2]'`, /not as agreed/],
    ["claims less than was asked", `echo '{"claimed":false}'`, /not as agreed at claimed/],
    ["writes without end", "yes", /more to stdout/],
  ];
  it.each(nonsense)("that %s is called misconfigured", async (_, body, message) => {
    const error = await refusalOf((await providerOf(body)).claim([VIP], live()));
    expect(error.facts.kind).toBe("misconfigured");
    expect(error.message).toMatch(message);
  });

  it("that fails shows its exit status and its last line", async () => {
    const error = await refusalOf(
      (await providerOf("echo one >&2; echo two >&2; exit 7")).claim([VIP], live()),
    );
    expect(error.message).toContain("exit status 7: two");
    expect(error.retry).toBe("soon");
  });

  it("that is killed shows the signal", async () => {
    const error = await refusalOf((await providerOf("kill -KILL $$")).claim([VIP], live()));
    expect(error.message).toContain("SIGKILL");
  });

  it("that hangs is ended at its deadline with everything it started, even if it ignores SIGTERM", async () => {
    const provider = await providerOf(
      `trap '' TERM; sleep 300 & echo $! > ${file("child")}; echo $$ > ${file("leader")}
      wait; sleep 300`,
      { timeout: 0.3 },
    );
    const error = await refusalOf(provider.claim([VIP], live()));
    expect(error.message).toContain("no answer within 0.3 s");
    await waitUntil(() => expect([isRunning("leader"), isRunning("child")]).toEqual([false, false]));
  });

  it("that leaves a child holding its stdout is answered all the same, and the child ends", async () => {
    const provider = await providerOf(`sleep 300 & echo $! > ${file("child")}; echo '{"claimed":true}'`);
    await provider.claim([VIP], live());
    await waitUntil(() => expect(isRunning("child")).toBe(false));
  });

  it("that is no longer wanted is ended, and the caller gets the reason", async () => {
    const provider = await providerOf(`echo $$ > ${file("leader")}; exec sleep 300`);
    const abort = new AbortController();
    const claim = provider.claim([VIP], abort.signal);
    const outcome = refusalOf(claim);
    await waitUntil(() => expect(existsSync(file("leader"))).toBe(true));
    abort.abort(new Error("mastership lost"));
    expect((await outcome).message).toBe("mastership lost");
    await waitUntil(() => expect(isRunning("leader")).toBe(false));
  });

  it("that runs while the provider closes is ended with it", async () => {
    const provider = await providerOf(`echo $$ > ${file("leader")}; exec sleep 300`);
    const outcome = refusalOf(provider.claim([VIP], live()));
    await waitUntil(() => expect(existsSync(file("leader"))).toBe(true));
    await provider.close();
    expect((await outcome).message).toBe("the provider was closed");
    expect(isRunning("leader")).toBe(false);
  });

  /** Whether the process whose id the program wrote to `name` still exists and is no zombie. */
  function isRunning(name: string): boolean {
    try {
      const pid = readFileSync(file(name), "utf8").trim();
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  }
});

describe("a program that must not be run", () => {
  it("is refused when it is missing, not executable, or open to everybody", async () => {
    const provider = await providerOf(`echo '{"instance":"i-1","network_interface":"nic-1"}'`);
    await chmod(file("program"), 0o757);
    expect((await refusalOf(provider.identify(live()))).message).toContain("every user may rewrite it");
    await chmod(file("program"), 0o644);
    expect((await refusalOf(provider.identify(live()))).message).toContain("not executable");
    await programs.remove();
    expect((await refusalOf(provider.identify(live()))).message).toContain("no such program");
  });

  it("is refused when its path is not absolute", () => {
    expect(execOptions.safeParse({ command: ["move-vip.sh"] }).success).toBe(false);
  });
});

describe("the program in the README", () => {
  it("identifies, claims, tells owners apart, rehearses, and refuses by kind", async () => {
    const readme = readFileSync(new URL("../../../providers/exec/README.md", import.meta.url), "utf8");
    const source = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
    await programs.script("acme", FAKE_TOOL);
    const program = await programs.script("readme-program", "");
    await writeFile(program, source);
    vi.stubEnv("PATH", `${programs.path}:${dirname(process.execPath)}:${process.env["PATH"]}`);
    const provider = await providerOf(`exec ${program}`);

    expect(await provider.identify(live())).toMatchObject({ instanceId: "s-1", networkInterfaceId: "n-1" });
    await provider.claim([VIP], live());
    expect(await provider.owner([VIP, OTHER_VIP, "10.0.0.7" as IpAddress], live())).toMatchObject([
      { vip: VIP, owner: { kind: "mine" } },
      { vip: OTHER_VIP, owner: { kind: "other", holder: "n-2", addresses: ["10.0.0.3"] } },
      { vip: "10.0.0.7", owner: { kind: "unknown" } },
    ]);
    expect(await provider.rehearse([VIP], live())).toMatchObject({
      ready: false,
      obstacles: [{ code: "exec/denied" }],
    });
  });
});

const FAKE_TOOL = `case "$1 $2 $3" in
"nic find "*) echo '{"id":"n-1","server":"s-1"}' ;;
"address assign "*) echo '{}' ;;
"address show 10.0.0.5") echo '{"nic":"n-1","address":"10.0.0.2"}' ;;
"address show 10.0.0.6") echo '{"nic":"n-2","address":"10.0.0.3"}' ;;
"auth check "*) exit 77 ;;
*) exit 1 ;;
esac`;

describe("a preflight by the program", () => {
  const subject = { vips: [VIP], peers: ["10.0.0.3" as IpAddress] };
  const lookedAt = async (provider: Provider) => {
    const answers: PreflightAnswer[] = [];
    for await (const answer of provider.preflight?.(subject, live()) ?? []) answers.push(answer);
    return answers;
  };
  const programThatAnswers = (identity: object, preflight: object, rehearsal: object = { ready: true }) =>
    providerOf(`read -r request; echo "$request" >> ${file("requests")}
      case $request in
        *identify*) echo '${JSON.stringify({ instance: "i-1", network_interface: "nic-1", ...identity })}';;
        *rehearse*) echo '${JSON.stringify(rehearsal)}';;
        *preflight*) echo '${JSON.stringify(preflight)}';;
      esac`);

  it("is not asked for unless the program says that it knows it", async () => {
    const provider = await programThatAnswers({}, {});
    await provider.identify(live());
    expect(await lookedAt(provider)).toEqual([{ kind: "fine", code: "exec/not-ready", note: VIP }]);
    expect(readFileSync(file("requests"), "utf8")).not.toContain("preflight");
  });

  it("is told the peers, and its findings come with all that it says", async () => {
    const finding = {
      code: "acme/fw",
      severity: "failure",
      message: "fw-1 drops",
      fix: "acme firewall allow",
    };
    const provider = await programThatAnswers(
      { preflight: true },
      { findings: [finding, { message: "odd" }] },
    );
    await provider.identify(live());
    const found = (await lookedAt(provider)).find(({ code }) => code === "exec/preflight");
    expect(found).toMatchObject({
      kind: "found",
      findings: [
        {
          severity: "failure",
          message: "fw-1 drops",
          evidence: ["acme/fw, by the program"],
          fix: { advice: "acme firewall allow", calls: [], commands: [] },
        },
        { message: "odd", consequence: "a failover may fail" },
      ],
    });
    expect(readFileSync(file("requests"), "utf8")).toContain('"peers":["10.0.0.3"]');
  });

  it("is fine with what was looked at when nothing was found", async () => {
    const provider = await programThatAnswers({ preflight: true }, { note: "2 firewalls" });
    await provider.identify(live());
    expect(await lookedAt(provider)).toContainEqual({
      kind: "fine",
      code: "exec/preflight",
      note: "2 firewalls",
    });
  });

  it("tells what a rehearsal finds, and what of its answer is nonsense", async () => {
    const rehearsal = { ready: false, obstacles: [{ message: "quota", hint: "ask" }] };
    const provider = await programThatAnswers({ preflight: true }, { findings: "none" }, rehearsal);
    await provider.identify(live());
    const answers = await lookedAt(provider);
    expect(answers.find(({ code }) => code === "exec/not-ready")).toMatchObject({
      findings: [{ message: "quota", fix: { advice: "ask" } }],
    });
    expect(answers.find(({ code }) => code === "exec/preflight")).toMatchObject({ kind: "unseen" });
  });
});
