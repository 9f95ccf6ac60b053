import { beforeEach, describe, expect, it } from "vitest";
import type { HooksConfig, StateActions } from "../../../src/config/hooks-config.ts";
import type { ProgramConfig } from "../../../src/config/program.ts";
import { fifoLine, type Happening, type HookState } from "../../../src/notify/hooks/happening.ts";
import { HeldSettings } from "../../../src/notify/hooks/held-settings.ts";
import { Hooks } from "../../../src/notify/hooks/hooks.ts";
import type { HookedInstance } from "../../../src/notify/hooks/state-actions.ts";
import { acceptRules, type RunProgram, units } from "../../../src/notify/hooks/switchboards.ts";
import { requires } from "../../setup/requires.ts";

const NOTHING: StateActions = { sysctl: {}, units: [], accept: undefined };
const NOT_AGAIN = { again: false };

function program(...command: [string, ...string[]]): ProgramConfig {
  return { command, user: undefined, group: undefined };
}

function instance(programs: HooksConfig["programs"], name = "V1"): HookedInstance {
  return { of: "INSTANCE", name, hooks: { programs, onMaster: NOTHING, onBackup: NOTHING }, addresses: [] };
}

function becomes(state: HookState, name = "V1"): Happening {
  return { kind: "state", of: "INSTANCE", name, state, priority: 100 };
}

/** Programs that end when they are told to. */
class Stage {
  readonly begun: string[] = [];
  readonly said: string[] = [];
  readonly #ends: ((ok: boolean) => void)[] = [];
  readonly hooks: Hooks;

  constructor(...instances: HookedInstance[]) {
    this.hooks = new Hooks(this.run, ({ message }) => this.said.push(message));
    this.hooks.configure(instances, undefined);
  }

  readonly run: RunProgram = ({ command }) => {
    this.begun.push(command.join(" "));
    const outcome = new Promise<boolean>((resolve) => this.#ends.push(resolve));
    return {
      outcome: outcome.then((ok) => ({ ok, detail: ok ? "exit code 0" : "exit code 1", output: "" })),
    };
  };

  /** The program that was begun first ends. */
  async end(ok = true): Promise<void> {
    this.#ends.shift()?.(ok);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async push(happening: Happening, how = NOT_AGAIN): Promise<void> {
    void this.hooks.push(happening, how);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the hooks of an instance", () => {
  const both = {
    notify: program("/general", "own"),
    notify_master: program("/master"),
    notify_backup: program("/backup"),
  };

  it("run one after another, the one of the state first", async () => {
    const stage = new Stage(instance(both));
    await stage.push(becomes("MASTER"));
    expect(stage.begun).toEqual(["/master"]);
    await stage.end();
    expect(stage.begun).toEqual(["/master", "/general own INSTANCE V1 MASTER 100"]);
  });

  it("wait for those of the state before", async () => {
    const stage = new Stage(instance(both));
    await stage.push(becomes("MASTER"));
    await stage.push(becomes("BACKUP"));
    await stage.end();
    expect(stage.begun.at(-1)).toContain("MASTER");
    await stage.end();
    expect(stage.begun.at(-1)).toBe("/backup");
  });

  it("are passed over, with a word, when a newer state comes before they have begun", async () => {
    const stage = new Stage(instance(both));
    await stage.push(becomes("MASTER"));
    for (const state of ["BACKUP", "MASTER", "FAULT"] as const) await stage.push(becomes(state));
    for (let ended = 0; ended < 3; ended++) await stage.end();
    expect(stage.begun).toEqual([
      "/master",
      "/general own INSTANCE V1 MASTER 100",
      "/general own INSTANCE V1 FAULT 100",
    ]);
    expect(stage.said.filter((line) => line.includes("passed over"))).toHaveLength(2);
  });

  it("do not wait for those of another instance", async () => {
    const stage = new Stage(instance(both), instance(both, "V2"));
    await stage.push(becomes("MASTER"));
    await stage.push(becomes("MASTER", "V2"));
    expect(stage.begun).toEqual(["/master", "/master"]);
  });

  it("are told of when they fail, and the next runs all the same", async () => {
    const stage = new Stage(instance(both));
    await stage.push(becomes("MASTER"));
    await stage.end(false);
    expect(stage.said).toEqual(["notify_master failed: /master: exit code 1"]);
    expect(stage.begun).toHaveLength(2);
  });

  it("run for a lower priority that was heard without pushing a state away", async () => {
    const heard: Happening = {
      kind: "lower-priority-heard",
      of: "INSTANCE",
      name: "V1",
      priority: 100,
    };
    const stage = new Stage(
      instance({ notify_backup: program("/backup"), notify_master_rx_lower_pri: program("/lower") }),
    );
    await stage.push(heard);
    await stage.push(becomes("BACKUP"));
    await stage.push(heard);
    await stage.push(heard);
    for (let ended = 0; ended < 3; ended++) await stage.end();
    expect(stage.begun).toEqual(["/lower", "/backup", "/lower"]);
  });

  it("of a sync group are apart from those of an instance of the same name", async () => {
    const group = { ...instance({ notify: program("/group") }), of: "GROUP" } as const;
    const stage = new Stage(instance({ notify: program("/instance") }), group);
    await stage.push(becomes("MASTER"));
    await stage.push({ kind: "state", of: "GROUP", name: "V1", state: "MASTER", priority: 0 });
    expect(stage.begun).toEqual(["/instance INSTANCE V1 MASTER 100", "/group GROUP V1 MASTER 0"]);
  });

  it("do not run again for what a side process that died has done", async () => {
    const stage = new Stage(instance(both));
    await stage.push(becomes("MASTER"), { again: true });
    expect(stage.begun).toEqual([]);
  });

  it("are idle when all is done", async () => {
    const stage = new Stage(instance({ notify: program("/general") }));
    await stage.push(becomes("MASTER"));
    let idle = false;
    void stage.hooks.idle().then(() => {
      idle = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
    await stage.end();
    expect(idle).toBe(true);
  });
});

describe("the line in the pipe", () => {
  it.each([
    [becomes("FAULT"), 'INSTANCE "V1" FAULT 100\n'],
    [
      { kind: "lower-priority-heard", of: "INSTANCE", name: "V1", priority: 7 } as const,
      'INSTANCE "V1" MASTER_RX_LOWER_PRI 7\n',
    ],
    [
      { kind: "state", of: "GROUP", name: "VG1", state: "MASTER", priority: 0 } as const,
      'GROUP "VG1" MASTER 0\n',
    ],
  ])("is keepalived's", (happening, line) => {
    expect(fifoLine(happening)).toBe(line);
  });
});

describe("a value of the host", () => {
  function host() {
    let value = "0";
    const written: string[] = [];
    const settings = new HeldSettings({
      before: async () => value,
      write: async (_key, next) => {
        value = next;
        written.push(next);
      },
    });
    return { settings, written };
  }

  it("comes back when the only one who wanted another lets go", async () => {
    const { settings, written } = host();
    await settings.hold("V1", "k", "1");
    await settings.release("V1", "k");
    expect(written).toEqual(["1", "0"]);
  });

  it("stays while another instance wants it too, in whatever order they let go", async () => {
    const { settings, written } = host();
    await settings.hold("V1", "k", "1");
    await settings.hold("V2", "k", "2");
    await settings.release("V1", "k");
    await settings.release("V2", "k");
    expect(written).toEqual(["1", "2", "2", "0"]);
  });

  it("that nobody holds is left alone", async () => {
    const { settings, written } = host();
    await settings.release("V1", "k");
    expect(written).toEqual([]);
  });
});

describe("firewall rules and units", () => {
  beforeEach(requires("iptables", "nft"));

  /** Answers by the beginning of a command; what it does not know succeeds. */
  function tools(answers: Readonly<Record<string, { ok: boolean; output?: string }>> = {}) {
    const commands: string[] = [];
    const run: RunProgram = ({ command: [path, ...args] }) => {
      const shown = [path.split("/").at(-1), ...args].join(" ");
      commands.push(shown);
      const answer = Object.entries(answers).find(([start]) => shown.startsWith(start))?.[1] ?? { ok: true };
      return { outcome: Promise.resolve({ detail: "as told", output: "", ...answer }) };
    };
    return { commands, run };
  }

  const iptables = JSON.stringify({
    where: { kind: "iptables", chain: "INPUT" },
    match: ["-d", "10.0.0.10"],
  });
  const nft = JSON.stringify({
    where: { kind: "nft", family: "inet", table: "filter", chain: "input" },
    match: ["ip", "daddr", "10.0.0.10"],
  });
  const ours = 'ip daddr 10.0.0.10 accept comment "cloudvip ip daddr 10.0.0.10" # handle 7';

  it.each([
    ["is inserted when it is missing", "present", false, "iptables -w -I INPUT"],
    ["is left when it is there", "present", true, undefined],
    ["is deleted when it is there", "absent", true, "iptables -w -D INPUT"],
    ["is not deleted when it is missing", "absent", false, undefined],
  ])("a rule of iptables %s", async (_what, value, isThere, begins) => {
    const { commands, run } = tools({ "iptables -w -C": { ok: isThere } });
    await acceptRules(run).write(iptables, value);
    expect(commands.slice(1)).toEqual(begins === undefined ? [] : [expect.stringContaining(begins)]);
    expect(commands[0]).toBe("iptables -w -C INPUT -d 10.0.0.10 -m comment --comment cloudvip -j ACCEPT");
  });

  it.each([
    [
      "is inserted when it is missing",
      "present",
      "ip daddr 10.0.0.10 accept # handle 3",
      "nft insert rule inet filter input ip daddr 10.0.0.10 accept comment",
    ],
    ["is left when it is there", "present", ours, undefined],
    ["is deleted by its handle", "absent", ours, "nft delete rule inet filter input handle 7"],
    ["that is somebody else's is not deleted", "absent", "ip daddr 10.0.0.10 accept # handle 3", undefined],
  ])("a rule of nft %s", async (_what, value, listed, begins) => {
    const { commands, run } = tools({ "nft -a list": { ok: true, output: `chain input {\n${listed}\n}` } });
    await acceptRules(run).write(nft, value);
    expect(commands.slice(1)).toEqual(begins === undefined ? [] : [expect.stringContaining(begins)]);
  });

  it("that cannot be had say why", async () => {
    const { run } = tools({ nft: { ok: false } });
    await expect(acceptRules(run).write(nft, "present")).rejects.toThrow(
      "nft -a list chain inet filter input: as told",
    );
  });

  it.each(["start", "stop"])("a unit is told to %s", async (verb) => {
    const { commands, run } = tools();
    // Where there is no systemd there is no systemctl.
    const outcome = await units(run)
      .write("a.service", verb)
      .then(
        () => commands,
        (error: unknown) => String(error),
      );
    expect([[`systemctl ${verb} a.service`], "Error: systemctl is not installed"]).toContainEqual(outcome);
  });
});
