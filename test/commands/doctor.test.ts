import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DoctorOptions, doctor } from "../../src/commands/doctor.ts";
import { explain } from "../../src/commands/doctor-explain.ts";
import { CHECKS } from "../../src/doctor/catalogue.ts";
import { entry, fakeHost, type HostPlan, PAIR_YAML, SELF, VIP } from "../doctor/fake-host.ts";
import { CapturedOutput } from "./captured-output.ts";

const QUIET = { files: { "/proc/sys/net/ipv4/ip_nonlocal_bind": "1\n" } };
const STRAY: HostPlan = { ...QUIET, addresses: [entry(SELF, 24), entry(VIP, 32)] };
const REMOVE = `ip address del ${VIP}/32 dev eth0`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-doctor-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function examined(plan: HostPlan, options: Partial<DoctorOptions> = {}, text = PAIR_YAML) {
  const config = join(folder, "cloudvip.yaml");
  // No agent of this machine is asked.
  await writeFile(config, `global_defs: { control_socket: ${folder}/none.sock }\n${text}`);
  const out = new CapturedOutput();
  const code = await doctor({ config, out, openHost: () => fakeHost(plan), ...options });
  return { code, out, text: out.text.replaceAll(`${folder}/`, "") };
}

describe("cloudvip doctor", () => {
  test("on a healthy node says one line for each check, and exits with 0", async () => {
    const { code, text } = await examined(QUIET);
    expect(code).toBe(0);
    expect(text).toContain("  ok the packet filter lets adverts in: 0 rules, 1 peer\n");
    expect(text).toMatch(
      /fine, 0 failures, 0 warnings, 0 not seen: nothing here is in the way of a failover\n$/,
    );
    expect(text).not.toMatch(/^ {6}/m);
  });

  test("explains what is not fine: what was seen, what follows, and the exact fix; and exits with 2", async () => {
    const { code, text } = await examined(STRAY);
    expect(code).toBe(2);
    expect(text).toContain(`  XX host/vip-other-prefix: VI_1: ${VIP} is bound as ${VIP}/32 on eth0`);
    expect(text).toContain("      then     that entry stays when this node leaves MASTER");
    expect(text).toContain(`               ${REMOVE}\n`);
    expect(text).toContain("1 failure, 0 warnings, 0 not seen: a failover would fail");
  });

  test("exits with 1 for warnings, and for what it could not see", async () => {
    const warned = await examined({ ...QUIET, stepMs: 900 });
    expect(warned.code).toBe(1);
    const unprivileged = await examined({ ...QUIET, isRoot: false });
    expect(unprivileged.code).toBe(1);
    expect(unprivileged.text).toContain(
      "  ?? not seen: only root may read the rules of the packet filter\n      host/firewall-drops-vrrp, whether the packet filter lets adverts in\n",
    );
  });

  test("tells what is fine first and the worst last, where a terminal leaves it in sight", async () => {
    const plan = {
      ...STRAY,
      stepMs: 900,
      processes: [{ name: "dhclient", commandLine: ["dhclient", "eth0"] }],
    };
    const { text } = await examined(plan);
    const marks = [...text.matchAll(/^ {2}(ok|--|!!|XX) /gm)].map(([, mark]) => mark);
    expect([...new Set(marks)]).toEqual(["ok", "--", "!!", "XX"]);
    expect(marks).toEqual(marks.toSorted((a, b) => order(a) - order(b)));
  });

  test.each([80, 140])("keeps to a terminal of %i columns, but breaks no command", async (columns) => {
    const out = new CapturedOutput({ isTTY: true, columns });
    await examined({ ...STRAY, iptablesLegacy: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n" }, { out });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and the progress line are control characters.
    const plain = out.text.replaceAll(/\r.*?\x1b\[K/g, "").replaceAll(/\x1b\[[0-9;]*m/g, "");
    const commands = /^ {15}(ip|iptables-legacy) /;
    const tooLong = plain.split("\n").filter((line) => line.length > columns && !commands.test(line));
    expect(tooLong).toEqual([]);
    expect(plain).toContain(`               ${REMOVE}\n`);
  });

  test("with --json is one object for programs", async () => {
    const { text } = await examined(STRAY, { json: true });
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      verdict: "failures",
      findings: [
        { code: "host/vip-other-prefix", severity: "failure", fix: { commands: [REMOVE.split(" ")] } },
      ],
      unseen: [],
    });
  });

  test("with --check runs that check only, and refuses one that does not exist", async () => {
    const { code, text } = await examined(STRAY, { check: ["host/interface-down"] });
    expect(code).toBe(0);
    expect(text).toContain("1 fine, 0 failures");
    await expect(examined(STRAY, { check: ["host/nonsense"] })).rejects.toThrow("no check host/nonsense");
  });

  test("of a file that cannot be used shows its mistakes, and exits with 2", async () => {
    const { code, text } = await examined(QUIET, {}, PAIR_YAML.replace("51", "0"));
    expect(code).toBe(2);
    expect(text).toContain("0 is below 1");
  });

  test("survives a check that throws, and one that never answers", async () => {
    const host = fakeHost(QUIET);
    const { code, text } = await examined(QUIET, {
      check: ["host/interface-down", "host/other-failover-program", "host/config-writable"],
      openHost: () => ({
        ...host,
        network: () => Promise.reject(new Error("netlink is gone")),
        processes: () => {
          throw new Error("no /proc here");
        },
      }),
    });
    expect(code).toBe(1);
    expect(text).toContain("the check failed: netlink is gone");
    expect(text).toContain("the check failed: no /proc here");
    expect(text).toContain("1 fine");
  });
});

describe("cloudvip doctor --fix", () => {
  /** A host on which the stray address is gone once the command for it was run. */
  function mendable(ran: string[]): () => ReturnType<typeof fakeHost> {
    const commands = { [REMOVE]: "" };
    return () => fakeHost(ran.includes(REMOVE) ? { ...QUIET, ran, commands } : { ...STRAY, ran, commands });
  }

  test("shows each change, asks, carries it out, and looks again", async () => {
    const ran: string[] = [];
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return "y";
    };
    const { code, text } = await examined(STRAY, { fix: true, ask, openHost: mendable(ran) });
    expect(questions).toHaveLength(1);
    expect(ran).toContain(REMOVE);
    expect(text).toContain(`      done     ${REMOVE}`);
    expect(code).toBe(0);
  });

  test("changes nothing without a yes", async () => {
    const ran: string[] = [];
    const { code } = await examined(STRAY, { fix: true, ask: async () => "", openHost: mendable(ran) });
    expect(ran).not.toContain(REMOVE);
    expect(code).toBe(2);
  });

  test("with --yes does not ask", async () => {
    const ran: string[] = [];
    const ask = () => Promise.reject(new Error("it asked"));
    expect((await examined(STRAY, { fix: true, yes: true, ask, openHost: mendable(ran) })).code).toBe(0);
  });

  test("says which command failed, and goes on", async () => {
    const { code, text } = await examined(STRAY, { fix: true, yes: true });
    expect(code).toBe(2);
    expect(text).toContain("failed   not installed");
  });

  test("tells what remains, and nothing of what is fine", async () => {
    const ran: string[] = [];
    const late: HostPlan = { ...QUIET, ran, commands: { [REMOVE]: "" }, stepMs: 900 };
    const openHost = () =>
      fakeHost(ran.includes(REMOVE) ? late : { ...late, addresses: STRAY.addresses ?? [] });
    const { code, text } = await examined(STRAY, { fix: true, yes: true, openHost });
    expect(text).not.toContain("  ok ");
    const remains = text.slice(text.indexOf("done"));
    expect(remains).toContain("!! host/clock-steps");
    expect(remains).not.toContain("host/vip-other-prefix");
    expect(remains).toContain("0 failures, 1 warning");
    expect(code).toBe(1);
  });

  test("says so when there is nothing that it may repair", async () => {
    const { text } = await examined({ ...QUIET, stepMs: 900 }, { fix: true, yes: true });
    expect(text).toContain("!! host/clock-steps");
    expect(text).toContain("nothing here that --fix may repair");
  });

  test("without a terminal and without --yes is refused before anything is looked at", async () => {
    const openHost = () => {
      throw new Error("it looked");
    };
    const refused = examined(STRAY, { fix: true, openHost });
    await expect(refused).rejects.toMatchObject({
      code: "doctor/nobody-to-ask",
      hint: "add --yes to agree to every change",
    });
  });

  test("is refused to a user who is not root", async () => {
    const plan = { ...STRAY, isRoot: false };
    await expect(examined(plan, { fix: true, yes: true })).rejects.toThrow("only root may change");
  });
});

describe("cloudvip doctor --watch", () => {
  /** Looks at one plan after the other; returns what it prints after the first report. */
  async function watched(...plans: readonly HostPlan[]) {
    const controller = new AbortController();
    let looks = 0;
    const openHost = () => {
      looks += 1;
      if (looks === plans.length) controller.abort();
      return fakeHost(plans[looks - 1]);
    };
    const { text, code } = await examined(QUIET, {
      watch: true,
      refreshMs: 1,
      signal: controller.signal,
      openHost,
    });
    return { code, changes: text.split("\n").filter((line) => /^\d{4}-\d\d-\d\dT[\d:]{8}Z /.test(line)) };
  }

  test("reports once, and then what changes", async () => {
    const { changes, code } = await watched(QUIET, STRAY, STRAY, QUIET);
    expect(changes).toEqual([
      expect.stringMatching(/Z new failure host\/vip-other-prefix: VI_1/),
      expect.stringMatching(/Z gone failure host\/vip-other-prefix: VI_1/),
    ]);
    expect(code).toBe(0);
  });

  test("says what it sees no more, and takes nothing for gone that it does not see", async () => {
    const dropping: HostPlan = { ...QUIET, iptablesLegacy: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n" };
    const blind = { ...dropping, isRoot: false };
    const { changes } = await watched(dropping, blind, dropping, QUIET);
    const ofDrop = changes.filter((line) => line.includes("host/firewall-drops-vrrp"));
    expect(ofDrop).toEqual([
      expect.stringContaining("not seen host/firewall-drops-vrrp: only root may read the rules"),
      expect.stringContaining("seen again host/firewall-drops-vrrp"),
      expect.stringContaining("gone failure host/firewall-drops-vrrp"),
    ]);
  });

  test("takes a measure that is a little different for the same", async () => {
    const { changes } = await watched({ ...QUIET, stepMs: 900 }, { ...QUIET, stepMs: 901 });
    expect(changes).toEqual([]);
  });
});

describe("cloudvip doctor explain", () => {
  test("tells the background of a code", async () => {
    const out = new CapturedOutput();
    expect(await explain("host/firewall-needs-conntrack", out)).toBe(0);
    expect(out.text).toContain("host/firewall-needs-conntrack (failure)");
    expect(out.text).toContain("nf_conntrack_generic_timeout");
  });

  test("lists every code when none is given, and refuses one that does not exist", async () => {
    const out = new CapturedOutput();
    expect(await explain(undefined, out)).toBe(0);
    for (const { code } of CHECKS) expect(out.text).toMatch(new RegExp(`^${code} `, "m"));
    expect(out.text).toMatch(/^aws\/sg-vrrp-blocked .* protocol 112/m);
    await expect(explain("host/nonsense", out)).rejects.toThrow("no check host/nonsense");
  });
});

function order(mark: string | undefined): number {
  return ["ok", "--", "!!", "XX"].indexOf(mark ?? "");
}
