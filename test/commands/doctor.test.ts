import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DoctorOptions, doctor, explain } from "../../src/commands/doctor.ts";
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
    expect(unprivileged.text).toContain("?? host/firewall-drops-vrrp: not seen whether");
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

  test("is refused to a user who is not root", async () => {
    const plan = { ...STRAY, isRoot: false };
    await expect(examined(plan, { fix: true, yes: true })).rejects.toThrow("only root may change");
  });
});

describe("cloudvip doctor --watch", () => {
  test("reports once, and then what changes", async () => {
    const controller = new AbortController();
    let looks = 0;
    const openHost = () => {
      looks += 1;
      if (looks === 3) controller.abort();
      return fakeHost(looks === 2 ? STRAY : QUIET);
    };
    const { text, code } = await examined(QUIET, {
      watch: true,
      refreshMs: 1,
      signal: controller.signal,
      openHost,
    });
    expect(text).toMatch(/new failure host\/vip-other-prefix: VI_1/);
    expect(text).toMatch(/gone failure host\/vip-other-prefix: VI_1/);
    expect(code).toBe(0);
  });
});

describe("cloudvip doctor explain", () => {
  test("tells the background of a code", () => {
    const out = new CapturedOutput();
    expect(explain("host/firewall-needs-conntrack", out)).toBe(0);
    expect(out.text).toContain("host/firewall-needs-conntrack (failure)");
    expect(out.text).toContain("nf_conntrack_generic_timeout");
  });
});
