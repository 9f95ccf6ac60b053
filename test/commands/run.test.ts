import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { CLI, Cloudvip } from "../lab/cloudvip.ts";
import type { Host } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { labTestNeeding } from "../lab/lab-test.ts";
import type { Exit, RunningProcess } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";

describe.concurrent("run refuses", () => {
  labTest.for<[string, Partial<Document>, { readonly code: number; readonly says: readonly RegExp[] }]>([
    ["a file that is not YAML", { tail: "}: [" }, { code: 78, says: [/cloudvip\.yaml:11:1 /] }],
    ["an unknown key", { priority: "priorty: 100" }, { code: 78, says: [/priorty/, /priority/] }],
    ["a value out of range", { priority: "priority: 300" }, { code: 78, says: [/priority/, /255/] }],
    ["an instance without peers", { peers: "[]" }, { code: 78, says: [/unicast_peer/] }],
    ["a VRID that is used twice", { tail: second(51) }, { code: 78, says: [/virtual_router_id/, /51/] }],
    ["an interface that is missing", { interface: "eth9" }, { code: 1, says: [/eth9/, /write one of eth0/] }],
    [
      "a peer that is this node",
      { peers: "[10.77.0.1]" },
      { code: 1, says: [/10\.77\.0\.1 is this node/, /remove it/] },
    ],
    [
      "a virtual address that is the host's own",
      { vips: "[10.77.0.1/16]" },
      { code: 1, says: [/primary address/] },
    ],
  ])("%s, and says where and what to write", async ([, changed, { code, says }], { lab }) => {
    const host = await lab.host("a");
    const { exit, stdout, stderr } = await cloudvip(host, ["run", "--config", writeConfig(lab, changed)]);

    expect(exit).toEqual({ code, signal: null });
    expect(stdout).toBe("");
    for (const pattern of says) expect(stderr).toMatch(pattern);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await host.hasBound(VIP)).toBe(false);
  });

  labTest("a file that does not exist", async ({ lab }) => {
    const host = await lab.host("a");
    const { exit, stderr } = await cloudvip(host, ["run", "--config", join(lab.directory, "none.yaml")]);
    expect(exit.code).not.toBe(0);
    expect(stderr).toContain("none.yaml");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  labTest("a log level that does not exist", async ({ lab }) => {
    const host = await lab.host("a");
    const { exit, stderr } = await cloudvip(host, ["run", "-c", writeConfig(lab), "--log-level", "loud"]);
    expect(exit.code).toBe(1);
    expect(stderr).toMatch(/^cloudvip: there is no log level loud\n {2}write one of .*warn.*\n$/);
  });

  labTest.for([
    ["CAP_NET_RAW", "net_raw"],
    ["CAP_NET_ADMIN", "net_admin"],
  ] as const)("to start without %s", async ([capability, name], { lab }) => {
    const host = await lab.host("a");
    const without = ["setpriv", `--inh-caps=-${name}`, `--bounding-set=-${name}`];
    const { exit, stderr } = await cloudvip(host, ["run", "--config", writeConfig(lab)], without);

    expect(exit).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(new RegExp(`^cloudvip: .*lacks ${capability}\n {2}.*AmbientCapabilities=.*\n$`));
    expect(await host.hasBound(VIP)).toBe(false);
  });

  labTest("to start when its control socket cannot be made", async ({ lab }) => {
    const host = await lab.host("a");
    const config = writeConfig(lab, { socket: "/proc/cloudvip.sock" });
    const { exit, stderr } = await cloudvip(host, ["run", "--config", config]);
    expect(exit.code).toBe(1);
    expect(stderr).toMatch(/^cloudvip: .*\/proc\/cloudvip\.sock.*\n {2}.+\n$/);
  });

  labTest("a second agent, and the first one keeps its addresses", async ({ lab }) => {
    const { agent, host, config } = await startAgent(lab);
    const { exit, stderr } = await cloudvip(host, ["run", "--config", config]);

    expect(exit).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(/^cloudvip: another agent is running on this host.*\n {2}.+\n$/);
    expect(await host.hasBound(VIP)).toBe(true);
    expect(await agent.counters("VI_1")).toMatchObject({ becameMaster: 1, releasedMaster: 0 });
  });
});

describe.concurrent("a running agent", () => {
  labTest("logs JSON, a line an event", async ({ lab }) => {
    const { agent } = await startAgent(lab);
    await agent.stop();

    const lines = agent
      .log()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      expect(line).toMatchObject({
        level: expect.any(Number),
        event: expect.any(String),
        msg: expect.any(String),
      });
      expect(new Date(line.time).toISOString()).toBe(line.time);
    }
    expect(lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["ready", "transition", "stopping"]),
    );
  });

  labTest("answers status, and when it is gone status says so", async ({ lab }) => {
    const { agent, host, socket } = await startAgent(lab);

    const forPeople = await cloudvip(host, ["status", "--socket", socket]);
    expect(forPeople).toMatchObject({ exit: { code: 0 }, stderr: "" });
    expect(forPeople.stdout).toMatch(/VI_1[\s\S]*MASTER/);
    const forPrograms = await cloudvip(host, ["status", "--json", "--socket", socket]);
    expect(JSON.parse(forPrograms.stdout)).toMatchObject({
      version: 1,
      pid: agent.pid,
      instances: [{ state: "MASTER" }],
    });

    await agent.stop();
    const without = await cloudvip(host, ["status", "--socket", socket]);
    expect(without).toMatchObject({ exit: { code: 2 }, stdout: "" });
    expect(without.stderr).toContain("no agent answers");
  });

  labTest.for(["SIGTERM", "SIGINT"] as const)(
    "ends on %s with code 0, its addresses and its socket gone",
    async (signal, { lab }) => {
      const { agent, host, socket } = await startAgent(lab);
      process.kill(agent.pid, signal);
      await waitFor(() => agent.exit, { what: "the agent to end" });

      expect(agent.exit).toEqual({ code: 0, signal: null });
      expect(await host.hasBound(VIP)).toBe(false);
      expect(existsSync(socket)).toBe(false);
    },
  );

  labTest("ends at once when it has nothing to hand over", async ({ lab }) => {
    const host = await lab.host("a");
    const times: number[] = [];
    while (times.length < 3) {
      const agent = Cloudvip.start(lab, host, yaml({ advertInt: "advert_int: 30" }), { format: "yaml" });
      await agent.waitForState("BACKUP", { instance: "VI_1" });
      const before = performance.now();
      await agent.stop();
      times.push(performance.now() - before);
    }
    // The best of three: a busy machine may delay one, but a wait of our own would be in each.
    expect(Math.min(...times)).toBeLessThan(500);
  });

  labTest("goes on when nobody reads its log any more", async ({ lab }) => {
    const host = await lab.host("a");
    const socket = join(lab.directory, "agent.sock");
    const config = writeConfig(lab, { socket });
    host.spawn(["sh", "-c", `'${process.execPath}' '${CLI}' run --config '${config}' | head -n 1`]);
    await waitFor(() => host.hasBound(VIP), { what: "the agent to be MASTER" });

    const { exit, stdout } = await cloudvip(host, ["status", "--socket", socket]);
    expect(exit.code).toBe(0);
    expect(stdout).toContain("MASTER");
  });
});

describe.concurrent("cleanup", () => {
  labTest("leaves a living agent its addresses", async ({ lab }) => {
    const { host, config } = await startAgent(lab);
    const { exit, stdout, stderr } = await cloudvip(host, ["cleanup", "--config", config]);
    expect(exit.code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("an agent is running");
    expect(await host.hasBound(VIP)).toBe(true);
  });

  labTest("removes what a killed agent left, with whatever prefix length", async ({ lab }) => {
    const { agent, host, config } = await startAgent(lab);
    await host.addAddress(`${VIP}/24`);
    await agent.kill();
    expect(await host.hasBound(VIP)).toBe(true);

    const { exit, stdout } = await cloudvip(host, ["cleanup", "--config", config]);
    expect(exit.code).toBe(0);
    expect(stdout.trimEnd().split("\n").sort()).toEqual([`removed ${VIP}/24`, `removed ${VIP}/32`]);
    expect(await host.boundAddresses()).toEqual([`${host.address}/16`]);
    expect((await cloudvip(host, ["cleanup", "--config", config])).stdout).toBe("");
  });
});

/** What a test changes in the file, each a piece of YAML. */
interface Document {
  readonly interface: string;
  readonly priority: string;
  readonly advertInt: string;
  readonly peers: string;
  readonly vips: string;
  readonly socket: string;
  /** Further lines at the end. */
  readonly tail: string;
}

function yaml(changed: Partial<Document> = {}): string {
  const peers = changed.peers ?? "[10.77.0.200]";
  const lines = [
    ...(changed.socket ? ["global_defs:", `  control_socket: ${changed.socket}`] : []),
    "vrrp_instance:",
    "  VI_1:",
    `    interface: ${changed.interface ?? "eth0"}`,
    "    virtual_router_id: 51",
    `    ${changed.priority ?? "priority: 100"}`,
    `    ${changed.advertInt ?? "advert_int: 0.1"}`,
    `    unicast_peer: ${peers}`,
    `    virtual_ipaddress: ${changed.vips ?? `[${VIP}/32]`}`,
    changed.tail ?? "",
  ];
  return `${lines.join("\n")}\n`;
}

/** A second instance, as the tail of a document. */
function second(vrid: number): string {
  return `  VI_2: { interface: eth0, virtual_router_id: ${vrid}, unicast_peer: [10.77.0.200], virtual_ipaddress: [10.77.1.2/32] }`;
}

function writeConfig(lab: Lab, changed: Partial<Document> = {}): string {
  const path = join(lab.directory, "cloudvip.yaml");
  writeFileSync(path, yaml({ socket: join(lab.directory, "agent.sock"), ...changed }));
  return path;
}

/** One agent without a peer that answers, MASTER with its address bound. */
async function startAgent(lab: Lab) {
  const host = await lab.host("a");
  const agent = Cloudvip.start(lab, host, yaml(), { format: "yaml" });
  await waitFor(() => host.hasBound(VIP), { what: "the agent to be MASTER", seen: () => agent.log() });
  const { socket } = agent;
  return { agent, host, socket, config: writeConfig(lab, { socket }) };
}

interface Ended {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line on a host to its end, through another program if one is given. */
async function cloudvip(
  host: Host,
  args: readonly string[],
  through: readonly string[] = [],
): Promise<Ended> {
  const started: RunningProcess = host.spawn([...through, process.execPath, CLI, ...args]);
  const exit = await started.ended("the end of");
  return { exit, stdout: started.stdout(), stderr: started.stderr() };
}
