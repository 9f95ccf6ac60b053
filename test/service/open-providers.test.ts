import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IpAddress } from "../../src/base/ip.ts";
import { OpenProviders } from "../../src/service/open-providers.ts";
import type { FromService, ServiceCall } from "../../src/service/thread-messages.ts";

const VIP = "192.0.2.100" as IpAddress;
const PORTS = {
  interfaceName: "eth0",
  hardwareAddress: "02:00:00:00:00:01",
  sourceAddress: "192.0.2.1" as IpAddress,
};

describe("the providers of the service thread", () => {
  let thread: Thread;
  beforeEach(() => {
    thread = new Thread();
  });
  afterEach(() => thread.remove());

  it("find themselves in the cloud as soon as they are open, before anybody asks", async () => {
    await thread.open(`async identify() { this.log("info", "identified"); return identity; }`);
    await vi.waitFor(() => expect(thread.logged()).toEqual(["identified"]));
  });

  it("claim only after they know where they are", async () => {
    await thread.open(`
      async identify() { await sleep(20); this.where = identity; return identity; },
      async claim() { if (!this.where) throw new Error("not identified"); }`);
    expect(await thread.call("claim")).toMatchObject({ kind: "answer" });
  });

  it("look for themselves again when the first time failed, once for each call", async () => {
    await thread.open(`
      times: 0,
      async identify() { if (++this.times < 3) throw new Error("metadata are down"); return identity; },
      async claim() {}`);
    await vi.waitFor(async () => expect(await thread.call("claim")).toMatchObject({ kind: "answer" }));
  });

  it("say why a claim failed when they cannot find themselves", async () => {
    await thread.open(`async identify() { throw new Error("metadata are down"); }, async claim() {}`);
    const message = expect.stringContaining("metadata are down");
    expect(await thread.call("claim")).toMatchObject({ kind: "failure", failure: { message } });
  });

  it("take a call that was asked while they were still being opened", async () => {
    const opened = thread.open(`async identify() { return identity; }, async claim() {}`);
    expect(await thread.call("claim")).toMatchObject({ kind: "answer" });
    await opened;
  });

  it("are refused when their module never ends loading", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const opened = thread.openModule("await new Promise(() => {});");
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    const message = expect.stringContaining("did not load");
    expect(await opened).toMatchObject({ kind: "failure", failure: { kind: "misconfigured", message } });
  });

  it("do not begin a claim that was aborted while they were looking for themselves", async () => {
    await thread.open(`
      identify() { return sleep(50).then(() => { this.log("info", "identified"); return identity; }); },
      async claim() { this.log("info", "claimed"); }`);
    const answer = thread.call("claim");
    thread.abortLast();
    expect(await answer).toMatchObject({ kind: "failure" });
    expect(thread.logged()).toEqual(["identified"]);
  });

  it("let go of a call that is aborted, even if the plug-in goes on", async () => {
    await thread.open(`async identify() { return identity; }, claim() { return new Promise(() => {}); }`);
    const answer = thread.call("claim");
    await vi.waitFor(() => thread.abortLast());
    expect(await answer).toMatchObject({ kind: "failure" });
  });
});

/** A service thread without the thread: what it says is kept, and plug-ins are files of a directory of its own. */
class Thread {
  readonly #directory = mkdtempSync(join(tmpdir(), "cloudvip-plugin-"));
  readonly #said: FromService[] = [];
  readonly #providers = new OpenProviders((message) => this.#said.push(message));
  #id = 0;

  /** Opens a plug-in whose provider has these methods. */
  open(methods: string): Promise<FromService> {
    return this.openModule(`
      const identity = { instanceId: "i-1", networkInterfaceId: "nic-1" };
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      export const provider = {
        name: "plugin",
        options: { safeParse: (data) => ({ success: true, data }) },
        kindOf: () => "move",
        create: (options, { log }) => ({ log, close: async () => {}, ${methods} }),
      };`);
  }

  openModule(text: string): Promise<FromService> {
    const file = join(this.#directory, `plugin-${++this.#id}.mjs`);
    writeFileSync(file, text);
    void this.#providers.open(this.#id, { key: "V1", name: file, options: {}, ports: PORTS });
    return this.#answerTo(this.#id);
  }

  call(operation: ServiceCall["operation"]): Promise<FromService> {
    const id = ++this.#id;
    void this.#providers.call({ id, key: "V1", operation, vips: [VIP] });
    return this.#answerTo(id);
  }

  abortLast(): void {
    this.#providers.abort(this.#id);
  }

  logged(): readonly string[] {
    return this.#said.flatMap((message) => (message.kind === "log" ? [message.message] : []));
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #answerTo(id: number): Promise<FromService> {
    return vi.waitUntil(() => this.#said.find((message) => "id" in message && message.id === id), {
      timeout: 10_000,
      interval: 5,
    });
  }
}
