import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { CloudNode, type ProviderBlock } from "./cloud-node.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import type { Observer } from "./observer.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";

describe("a plug-in", () => {
  labTest("that throws is asked again, and told as the culprit", async ({ lab }) => {
    const file = plugin(lab, `claim() { throw new Error("boom"); }`);
    const { a, observer } = await startPair(lab, { name: file });

    const { msg } = await a.waitForEvent("cloud-call-failed");
    expect(msg).toContain("the provider failed: boom; this is a defect of the provider");
    await a.waitForEvent("cloud-call-failed", a.logged().length);
    expect(observer.holders(VIP)).toEqual(["a"]);
  });

  labTest("that answers nonsense is not believed", async ({ lab }) => {
    const file = plugin(lab, `async claim() {}, async owner() { return [{ vip: "${VIP}", owner: "me" }]; }`);
    const { a, observer } = await startPair(lab, { name: file });

    await a.waitForEvent("cloud-unknown");
    expect(a.events("cloud-verified")).toEqual([]);
    expect(observer.holders(VIP)).toEqual(["a"]);
  });

  labTest("that blocks its thread, or ends it, holds up no election", async ({ lab }) => {
    const file = plugin(lab, `async claim() { for (;;); }`);
    const { a, b, observer } = await startPair(lab, { name: file });

    const { msg } = await a.waitForEvent("service-thread-restarted", 0, 40_000);
    expect(msg).toContain("did not answer for 10 s; it was started again, and elections went on");
    await b.agent.kill();
    // Whoever reads the file next gets another plug-in: the thread loads it anew.
    writeFileSync(file, moduleText(`async claim() { process.exit(3); }`));
    const from = a.logged().length;
    await waitFor(() => /ended with code 3/.test(a.events("service-thread-restarted", from)[0]?.msg ?? ""), {
      what: "the thread to end and start again",
      deadlineMs: 40_000,
    });

    // The thread was blocked for ten seconds; a busy machine alone does not hold adverts up for two.
    expect(longestSilence(observer, a)).toBeLessThan(2_000);
    expect(await a.agent.counters()).toMatchObject({ becameMaster: 1, releasedMaster: 0 });
  });
});

describe("a program of the operator's", () => {
  labTest("that fails is asked again until it works, and the address is bound meanwhile", async ({ lab }) => {
    const cloud = new CloudInFiles(lab);
    const { a, b, observer } = await startPair(lab, (name) => cloud.provider(name));
    await a.waitForEvent("cloud-verified");

    cloud.break();
    await a.agent.kill();
    const { msg } = await b.waitForEvent("cloud-call-failed");
    expect(msg).toContain("the tool is broken");
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to bind the address" });
    cloud.repair();

    await b.waitForEvent("cloud-verified");
    expect(cloud.owner()).toBe("b");
  });
});

/** A file that exports a provider with these methods; the others do what is right. */
function plugin(lab: Lab, methods: string): string {
  const file = join(lab.directory, "plugin.mjs");
  writeFileSync(file, moduleText(methods));
  return file;
}

function moduleText(methods: string): string {
  return `export const provider = {
    name: "plugin",
    options: { safeParse: (data) => ({ success: true, data }) },
    kindOf: () => "move",
    create: () => ({
      identify: async () => ({ instanceId: "i-1", networkInterfaceId: "nic-1" }),
      rehearse: async () => ({ ready: true, obstacles: [] }),
      close: async () => {},
      ${methods},
    }),
  };`;
}

/** A cloud whose only state is the name of the owner in a file, with a command-line tool. */
class CloudInFiles {
  readonly #directory: string;

  constructor(lab: Lab) {
    this.#directory = lab.directory;
    writeFileSync(this.#path("owner"), "");
    this.repair();
  }

  provider(host: string): ProviderBlock {
    return { name: "exec", command: [this.#path("tool"), host] };
  }

  owner(): string {
    return readFileSync(this.#path("owner"), "utf8").trim();
  }

  break(): void {
    this.#writeTool(`echo "the tool is broken" >&2; exit 3`);
  }

  repair(): void {
    const owner = this.#path("owner");
    this.#writeTool(`
      case "$(cat)" in
        *'"identify"'*) echo "{\\"instance\\":\\"$1\\",\\"network_interface\\":\\"$1\\"}" ;;
        *'"claim"'*) echo "$1" > ${owner}; echo '{"claimed":true}' ;;
        *'"owner"'*)
          [ "$(cat ${owner})" = "$1" ] && who='"mine"' || who='"other","holder":"the other"'
          echo "{\\"owners\\":[{\\"vip\\":\\"${VIP}\\",\\"owner\\":$who}]}" ;;
        *'"rehearse"'*) echo '{"ready":true}' ;;
      esac`);
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  /** In one step: a half-written program must not be run. */
  #writeTool(body: string): void {
    writeFileSync(this.#path("tool.new"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    renameSync(this.#path("tool.new"), this.#path("tool"));
  }
}

/** `a` is MASTER before `b` begins to listen. */
async function startPair(lab: Lab, provider: ProviderBlock | ((host: string) => ProviderBlock)) {
  const [hostA, hostB] = await Promise.all([lab.host("a"), lab.host("b")]);
  const [a, b] = [hostA, hostB].map((host, index) => {
    const own = typeof provider === "function" ? provider(host.name) : provider;
    const quick = { verify_interval: 0.5, consistency_window: 0.2, ...own };
    const peers = [(host === hostA ? hostB : hostA).address];
    const instance = { priority: 150 - 50 * index, peers, vips: [VIP], advertInt: 0.1, provider: quick };
    return new CloudNode({ lab, host, instance });
  }) as [CloudNode, CloudNode];
  const observer = await lab.observe();
  a.start();
  await observer.waitForHolder(VIP, hostA);
  b.start();
  await b.agent.waitForState("BACKUP");
  return { a, b, observer };
}

function longestSilence(observer: Observer, { host }: CloudNode): number {
  const times = observer.advertsOf(host).map(({ atMs }) => atMs);
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
}
