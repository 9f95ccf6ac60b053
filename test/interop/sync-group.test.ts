import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Cloudvip } from "../lab/cloudvip.ts";
import type { Daemon } from "../lab/daemon.ts";
import type { Host } from "../lab/host.ts";
import { Keepalived } from "../lab/keepalived.ts";
import type { Lab } from "../lab/lab.ts";
import { labTestNeeding } from "../lab/lab-test.ts";
import { memberInstance, vrrpConf } from "../lab/vrrp-conf.ts";
import { waitFor } from "../lab/wait-for.ts";

const VIPS = ["10.77.1.1", "10.77.1.2"] as const;
/** What the first instance of each node tracks beside its own interface. */
const TRACKED = "inner0";
const DEADLINE_MS = 20_000;

type Program = Daemon["program"];

/** Two instances in a group; only the first one notices when the tracked interface fails. */
function conf(host: Host, members: Parameters<typeof memberInstance>[1], script: string): string {
  const instances = VIPS.map((vip, index) => ({
    ...memberInstance(host, members, { version: 3, advertInt: 0.1, vips: [`${vip}/32`], vrid: 51 + index }),
    name: `V${index + 1}`,
    extra: index === 0 ? [`track_interface {\n${TRACKED}\n}`] : [],
  }));
  const group = `vrrp_sync_group G {\ngroup {\nV1\nV2\n}\nnotify "${script}"\n}\n`;
  return `${group}${vrrpConf(instances, ["script_user root"])}`;
}

async function startPair(lab: Lab, programs: readonly [Program, Program]) {
  const hosts = await Promise.all(["a", "b"].map((name) => lab.host(name)));
  const members = hosts.map((host, index) => ({ host, priority: index === 0 ? 150 : 100 }));
  const observer = await lab.observe();
  const nodes = hosts.map((host, index) => {
    const heard = join(lab.directory, `heard-${host.name}`);
    const script = join(lab.directory, `notify-${host.name}.sh`);
    writeFileSync(heard, "");
    writeFileSync(script, `#!/bin/sh\necho "$@" >> ${heard}\n`);
    chmodSync(script, 0o755);
    const program = programs[index] === "keepalived" ? Keepalived : Cloudvip;
    return {
      host,
      start: () => program.start(lab, host, conf(host, members, script)),
      heard: () => readFileSync(heard, "utf8").trim().split("\n"),
    };
  });
  const [a, b] = nodes;
  if (!a || !b) throw new Error("a pair has two nodes");
  for (const host of hosts) {
    await host.exec("ip", "link", "add", TRACKED, "type", "veth", "peer", "name", "inner1");
    for (const end of [TRACKED, "inner1"]) await host.exec("ip", "link", "set", end, "up");
  }
  const holds = (host: Host) =>
    Promise.all(VIPS.map((vip) => observer.waitForHolder(vip, host, DEADLINE_MS)));
  const daemons = [a.start()];
  await holds(a.host);
  daemons.push(b.start());
  return { a, b, holds, daemons, observer };
}

describe.each<readonly [Program, Program]>([
  ["cloudvip", "cloudvip"],
  ["cloudvip", "keepalived"],
  ["keepalived", "cloudvip"],
])("a sync group of two instances: %s as MASTER with %s as BACKUP", (first, second) => {
  const needs = [first, second].includes("keepalived") ? (["keepalived"] as const) : [];
  const labTest = labTestNeeding("built", ...needs);

  labTest("moves both when one of them fails, and back when it is well again", async ({ lab }) => {
    const { a, b, holds, daemons } = await startPair(lab, [first, second]);
    const tells = (node: typeof a, state: string) =>
      waitFor(() => node.heard().at(-1) === `GROUP G ${state} 0`, {
        what: `${node.host.name}'s script to hear ${state}`,
        seen: () => [...node.heard(), ...daemons.map((daemon) => daemon.log().slice(-2_000))].join("\n"),
      });
    await tells(a, "MASTER");
    await tells(b, "BACKUP");

    await a.host.exec("ip", "link", "set", TRACKED, "down");
    await holds(b.host);
    for (const vip of VIPS) expect(await a.host.hasBound(vip)).toBe(false);

    await tells(a, "FAULT");
    await tells(b, "MASTER");

    await a.host.exec("ip", "link", "set", TRACKED, "up");
    await holds(a.host);
    for (const vip of VIPS) {
      await waitFor(async () => !(await b.host.hasBound(vip)), { what: `b to let go of ${vip}` });
    }

    await tells(a, "MASTER");
    await tells(b, "BACKUP");
  });
});
