/** Doctor on hosts whose tools misbehave, and in the hands of a user who may little. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localHost } from "../../../src/doctor/local-host.ts";
import { requireNamespaces } from "../../linux/in-namespace.ts";
import { requires } from "../../setup/requires.ts";
import { ProofWorld } from "./world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** One that asks nft, and one that has nothing to do with it. */
const CHECK = ["host/firewall-drops-vrrp", "host/no-route-to-peer"];

let world: ProofWorld;

beforeEach(async (context) => {
  requireNamespaces(context);
  requires("nft", "iptables", "built")(context);
  world = await ProofWorld.make();
  vi.stubEnv("PATH", `${world.bin}:${process.env["PATH"]}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world?.close();
});

interface Report {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string }[];
  readonly fine: readonly { readonly code: string }[];
  readonly unseen: readonly { readonly code: string; readonly why: string }[];
}

describe("an nft that", () => {
  test.each([
    ["hangs, and does not want to end", "trap '' TERM\nwhile :; do sleep 1; done", /no answer in time/],
    ["fails with a complaint", "echo 'no luck today' >&2; exit 3", /no luck today/],
    ["prints megabytes of nonsense", "yes nonsense | head -c 5000000", /no JSON ruleset/],
    ["prints what is no UTF-8", "printf '{\"nftables\": \\377\\376'", /no JSON ruleset/],
    ["ends itself", "kill -SEGV $$", /nft/],
  ])("%s hides its own checks only", async (_, script, why) => {
    world.tool("nft", script);
    const openHost = () => localHost({ root: world.root, toolDeadlineMs: 500 });
    const report = JSON.parse(await world.examine({ check: CHECK, json: true, openHost })) as Report;
    expect(report).toMatchObject({
      verdict: "warnings",
      findings: [],
      fine: [{ code: "host/no-route-to-peer" }],
      unseen: [{ code: "host/firewall-drops-vrrp", why: expect.stringMatching(why) }],
    });
  });
});

describe("the command", () => {
  const FILES = ["--check", "host/config-writable"] as const;

  test("exits with 0, 1 or 2, by the worst that it found", async () => {
    expect(await world.command(...FILES)).toMatchObject({ code: 0 });
    world.run(`chmod 660 ${world.configFile}`);
    expect(await world.command(...FILES)).toMatchObject({ code: 1 });
    world.run(`chmod 666 ${world.configFile}`);
    expect(await world.command(...FILES)).toMatchObject({ code: 2 });
  });

  test("with --fix changes nothing where nobody can be asked, and everything with --yes", async () => {
    world.run(`chmod 666 ${world.configFile}`);
    const { code, stderr } = await world.command(...FILES, "--fix");
    expect(code).not.toBe(0);
    expect(stderr).toContain("there is no terminal to ask at\n  add --yes to agree to every change");
    expect(await world.command(...FILES)).toMatchObject({ code: 2 });
    expect(await world.command(...FILES, "--fix", "--yes")).toMatchObject({ code: 0 });
    expect(await world.command(...FILES)).toMatchObject({ code: 0 });
  });
});

describe("a user who is not root", () => {
  test("is told what could not be seen, and nothing that is not so", async ({ skip }) => {
    world.run(`chmod -R a+rX ${world.root}`);
    world.behind("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    const text = await world.examine({ json: true });
    if (text === "") return skip("the compiled program lies where that user cannot read it");
    const report = JSON.parse(text) as Report;
    expect(report.verdict).toBe("warnings");
    expect(report.findings.filter(({ code }) => code.startsWith("host/firewall"))).toEqual([]);
    const reasons = Object.fromEntries(report.unseen.map(({ code, why }) => [code, why]));
    expect(reasons["host/firewall-drops-vrrp"]).toContain("only root");
    expect(reasons["host/vrrp-socket-refused"]).toContain("run doctor as root");
    expect(report.fine.map(({ code }) => code)).toContain("host/no-route-to-peer");
  });
});
