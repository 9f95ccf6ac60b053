import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Cloudvip } from "./cloudvip.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import type { Observer } from "./observer.ts";
import { processTree } from "./proc.ts";
import { waitFor } from "./wait-for.ts";
import { startWebServer } from "./web-server.ts";

const labTest = labTestNeeding("built");
const webTest = labTestNeeding("built", "nginx");
const VIP = "10.77.1.1";

interface Member {
  readonly host: Host;
  readonly priority: number;
}

interface Settings {
  readonly track?: string;
  readonly instance?: readonly string[];
  readonly globals?: readonly string[];
  readonly advertInterval?: string;
}

/** One node of a pair, in cloudvip's own form. */
function yaml([own, peer]: readonly [Member, Member], settings: Settings): string {
  const { track = "{}", instance = [], globals = [], advertInterval = "100ms" } = settings;
  return [
    `global_defs: {${globals.join(", ")}}`,
    `track: ${track}`,
    "vrrp_instance:",
    "  V1:",
    "    interface: eth0",
    "    virtual_router_id: 51",
    `    priority: ${own.priority}`,
    `    advert_int: ${advertInterval}`,
    `    unicast_src_ip: ${own.host.address}`,
    `    unicast_peer: [${peer.host.address}]`,
    `    virtual_ipaddress: [${VIP}]`,
    ...instance.map((line) => `    ${line}`),
    "",
  ].join("\n");
}

/** A pair whose first node is MASTER; each may have settings of its own. */
async function startPair(lab: Lab, settingsOf: (host: Host) => Settings, priorities = [120, 100]) {
  const [a, b] = await Promise.all([lab.host("a"), lab.host("b")]);
  const members = [a, b].map((host, index) => ({ host, priority: priorities[index] ?? 100 })) as [
    Member,
    Member,
  ];
  const observer = await lab.observe();
  const start = (pair: readonly [Member, Member]) =>
    Cloudvip.start(lab, pair[0].host, yaml(pair, settingsOf(pair[0].host)), { format: "yaml" });
  return { a, b, observer, startA: () => start(members), startB: () => start([members[1], members[0]]) };
}

function script(lab: Lab, name: string, text: string): string {
  const path = join(lab.directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function holds(observer: Observer, host: Host): Promise<void> {
  await observer.waitForHolder(VIP, host);
}

describe("a pair that tracks its web servers", () => {
  webTest("fails over when nginx is killed, and comes back with it", async ({ lab }) => {
    const settings: Settings = {
      track: "{ chk_nginx: { http: http://127.0.0.1/, body: served by nginx, interval: 100ms, fall: 2 } }",
      instance: ["track: [chk_nginx]"],
    };
    const { a, b, observer, startA, startB } = await startPair(lab, () => settings);
    const nginx = startWebServer(lab, a);
    startWebServer(lab, b);
    const onA = startA();
    await holds(observer, a);
    const onB = startB();
    await onB.waitForState("BACKUP");

    await nginx.killTree();
    await holds(observer, b);
    expect((await onA.instance()).state).toBe("FAULT");
    expect((await onA.status()).trackers).toMatchObject([{ name: "chk_nginx", kind: "http", state: "down" }]);
    expect(onA.log()).toContain("ECONNREFUSED");

    startWebServer(lab, a);
    await holds(observer, a);
    await onB.waitForState("BACKUP");
  });
});

describe("a pair with a check script of weight -30", () => {
  labTest("moves mastership while it fails, and back", async ({ lab }) => {
    const bad = join(lab.directory, "bad");
    const check = script(lab, "check.sh", `[ ! -e ${bad}-$1 ] || { echo "100% lost"; exit 1; }`);
    const { a, b, observer, startA, startB } = await startPair(lab, (host) => ({
      track: `{ chk: { script: ${check} ${host.name}, interval: 100ms, timeout: 5, weight: -30 } }`,
      instance: ["track: [chk]"],
    }));
    const onA = startA();
    await holds(observer, a);
    const onB = startB();
    await onB.waitForState("BACKUP");

    writeFileSync(`${bad}-a`, "");
    await holds(observer, b);
    expect(await onA.instance()).toMatchObject({ state: "BACKUP", effectivePriority: 90 });
    expect(onA.log()).toContain("chk is down: exit code 1: 100% lost");

    rmSync(`${bad}-a`);
    await holds(observer, a);
  });
});

describe("a pair whose first node flaps by its own health", () => {
  labTest("leaves the addresses with the other one, which it replaces all the same", async ({ lab }) => {
    const out = join(lab.directory, "out");
    const { a, b, observer, startA, startB } = await startPair(lab, (host) => ({
      globals: ["flap_limit: 3", "flap_window: 60", "flap_hold: 10m"],
      track: `{ chk: { file: ${out}-${host.name}, weight: 0 } }`,
      instance: ["track: [chk]"],
    }));
    const onA = startA();
    await holds(observer, a);
    const onB = startB();
    await onB.waitForState("BACKUP");

    writeFileSync(`${out}-a`, "1");
    await holds(observer, b);
    rmSync(`${out}-a`);
    await waitFor(async () => (await onA.instance()).heldBackForMs !== null, {
      what: "a to be held back",
      seen: () => onA.log().slice(-2_000),
    });
    const heard = (await onA.counters()).advertsReceived;
    await waitFor(async () => (await onA.counters()).advertsReceived > heard + 20, {
      what: "20 adverts of b",
    });
    expect(await onA.instance()).toMatchObject({ state: "BACKUP", flapping: true });
    expect(onA.log()).toContain("as its own health is the cause, it does not preempt for 600 s");
    expect((await onB.instance()).heldBackForMs).toBeNull();

    await onB.kill();
    await observer.waitFor(() => observer.holders(VIP).includes("a"), { what: "a to take over from nobody" });
    await onA.waitForState("MASTER");
  });
});

describe("checks that misbehave", () => {
  labTest("cost the election nothing", async ({ lab }) => {
    const hang = script(lab, "hang.sh", "trap '' TERM\nwhile :; do sleep 1; done");
    const noise = script(lab, "noise.sh", "head -c 3000000 /dev/zero; exit 0");
    const { a, b, observer, startA, startB } = await startPair(lab, () => ({
      advertInterval: "30ms",
      track: `{ hang: { script: ${hang}, interval: 200ms }, noise: { script: ${noise}, interval: 200ms, timeout: 10 }, gone: { script: /nowhere/check, interval: 100ms } }`,
      instance: [
        "track: [{ name: hang, weight: -1 }, { name: noise, weight: -1 }, { name: gone, weight: -1 }]",
      ],
    }));
    const onA = startA();
    await holds(observer, a);
    const onB = startB();
    await onB.waitForState("BACKUP");
    await waitFor(async () => (await onB.counters()).advertsReceived > 100, { what: "100 adverts" });

    expect(observer.holders(VIP)).toEqual(["a"]);
    expect((await onB.counters()).becameMaster).toBe(0);
    const { trackers } = await onA.status();
    expect(trackers.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "hang down",
      "noise up",
      "gone down",
    ]);
    expect(trackers[2]?.detail).toBe("/nowhere/check does not exist");
    expect(b.name).toBe("b");
  });

  labTest("and a side process that is killed leaves the last results in force", async ({ lab }) => {
    const number = join(lab.directory, "number");
    const { a, observer, startA } = await startPair(lab, () => ({
      track: `{ number: { file: ${number} } }`,
      instance: ["track: [number]"],
    }));
    writeFileSync(number, "-20");
    const onA = startA();
    await holds(observer, a);
    const priorityIs = (priority: number) =>
      waitFor(async () => (await onA.instance()).effectivePriority === priority, {
        what: `the priority ${priority}`,
        seen: () => onA.log().slice(-2000),
      });
    await priorityIs(100);

    const [, side] = processTree(onA.pid);
    if (side === undefined) throw new Error("there is no side process");
    process.kill(side, "SIGKILL");
    await waitFor(() => onA.log().includes("side-process-lost"), { what: "the loss to be told" });
    expect((await onA.instance()).effectivePriority).toBe(100);
    expect((await onA.instance()).state).toBe("MASTER");

    writeFileSync(number, "5");
    await priorityIs(125);
  });
});

describe("hooks", () => {
  labTest(
    "get keepalived's arguments, in order, and the last before the agent has ended",
    async ({ lab }) => {
      const heard = join(lab.directory, "heard");
      const hook = script(lab, "hook.sh", `echo "$@" >> ${heard}`);
      const fifo = join(lab.directory, "fifo");
      const { a, observer, startA } = await startPair(lab, () => ({
        globals: [`notify_fifo: ${fifo}`],
        instance: [
          `notify: ${hook} general`,
          `notify_master: ${hook} "of master"`,
          `notify_backup: ${hook} of-backup`,
          `notify_stop: ${hook} of-stop`,
        ],
      }));
      const onA = startA();
      await waitFor(() => existsSync(fifo), { what: "the pipe to be made" });
      const reader = a.spawn(["cat", fifo]);
      await holds(observer, a);
      await waitFor(() => existsSync(heard) && readFileSync(heard, "utf8").split("\n").length > 4, {
        what: "the hooks for BACKUP and MASTER",
        seen: () => onA.log().slice(-2000),
      });
      await onA.stop();
      expect(readFileSync(heard, "utf8").split("\n")).toEqual([
        "of-backup",
        "general INSTANCE V1 BACKUP 120",
        "of master",
        "general INSTANCE V1 MASTER 120",
        "of-stop",
        "general INSTANCE V1 STOP 120",
        "",
      ]);
      await waitFor(() => reader.stdout().includes("STOP"), { what: "the last line in the pipe" });
      expect(reader.stdout()).toBe(
        'INSTANCE "V1" BACKUP 120\nINSTANCE "V1" MASTER 120\nINSTANCE "V1" STOP 120\n',
      );
    },
  );

  labTest("set kernel settings and firewall rules as MASTER, and take them back", async ({ lab }) => {
    const { a, observer, startA } = await startPair(lab, () => ({
      instance: [
        "on_master: { sysctl: { net.ipv4.conf.all.arp_ignore: 1 }, accept: iptables INPUT }",
        "on_backup: { accept: nft inet guard input }",
      ],
    }));
    await a.exec(
      "nft",
      "add table inet guard; add chain inet guard input { type filter hook input priority 0; }",
    );
    const onA = startA();
    const setting = async () => (await a.exec("sysctl", "-n", "net.ipv4.conf.all.arp_ignore")).trim();
    const rules = () => a.exec("iptables", "-S", "INPUT");
    await holds(observer, a);
    await waitFor(async () => (await setting()) === "1" && (await rules()).includes(VIP), {
      what: "the settings of MASTER",
      seen: () => onA.log().slice(-2000),
    });
    expect(await rules()).toContain("-p vrrp -m comment --comment cloudvip -j ACCEPT");
    expect(await a.exec("nft", "list chain inet guard input")).not.toContain("cloudvip");

    await onA.stop();
    expect(await setting()).toBe("0");
    expect(await rules()).not.toContain("cloudvip");
    expect(onA.log()).not.toContain("could not");
  });
});
