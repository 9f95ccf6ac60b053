import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listFirewallRules, type RunCommand, runTool } from "../../src/linux/firewall-rules.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";
import { requires } from "../setup/requires.ts";
import { makeNamespace, type Namespace, requireNamespaces } from "./in-namespace.ts";

const DEADLINE_MS = 10_000;

const run: RunCommand = (command) => runTool(command, AbortSignal.timeout(DEADLINE_MS));

describe("the rules of a host", () => {
  let host: Namespace;

  beforeEach((context) => {
    requireNamespaces(context);
    requires("nft", "iptables")(context);
    host = makeNamespace();
  });

  afterEach(() => host?.close());

  test("are those that nft and iptables-nft have", async () => {
    nft("table inet t {\nchain in {\ntype filter hook input priority 0\nip protocol 112 drop\n}\n}\n");
    const listing = await listInside();
    expect(listing.failures).toEqual([]);
    expect(JSON.parse(listing.nftJson?.[0] ?? "")).toHaveProperty("nftables");
    expect(listing.nftText).toContain("ip protocol 112 drop # handle");
    expect(listing.iptablesLegacy).toBeUndefined();
  });

  test("are read around a table that is dormant, which nft's JSON does not survive", async () => {
    nft("table ip sleeps {\nflags dormant\n}\ntable ip awake {\nchain c {\naccept\n}\n}\n");
    const { nftJson } = await listInside();
    expect(nftJson).toHaveLength(1);
    expect(nftJson?.[0]).toContain('"name": "awake"');
  });

  test("include those of iptables-legacy where it has tables", async () => {
    const [program, ...args] = ["iptables-legacy", "-A", "INPUT", "-p", "112", "-j", "DROP"] as const;
    host.run(() => execFileSync(program, args, options()));
    const { iptablesLegacy } = await listInside();
    expect(iptablesLegacy).toContain("-A INPUT -p vrrp -j DROP");
  });

  function nft(script: string): void {
    host.run(() => execFileSync("nft", ["-f", "-"], { ...options(), input: script }));
  }

  async function listInside() {
    const leave = host.enter();
    try {
      return await listFirewallRules(run);
    } finally {
      leave();
    }
  }
});

describe("a tool", () => {
  test("that is not installed is missing", async () => {
    const ran = await run(["cloudvip-no-such-tool", "--list"]);
    expect(ran).toMatchObject({ failure: { kind: "missing", command: "cloudvip-no-such-tool --list" } });
  });

  test("that fails is quoted", async () => {
    const ran = await run(["sh", "-c", "echo no luck >&2; exit 3"]);
    expect(ran).toMatchObject({ failure: { kind: "failed", message: "no luck" } });
  });

  test("that asks for root is refused", async () => {
    const ran = await run(["sh", "-c", "echo 'Operation not permitted (you must be root)' >&2; exit 1"]);
    expect(ran).toMatchObject({ failure: { kind: "refused" } });
  });

  test("that hangs is ended at its deadline", async () => {
    const ran = await runTool(["sleep", "600"], AbortSignal.timeout(50));
    expect(ran).toMatchObject({ failure: { kind: "failed" } });
  });
});

function options() {
  return { env: TOOL_ENVIRONMENT, stdio: "pipe" } as const;
}
