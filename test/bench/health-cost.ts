import { Cloudvip } from "../lab/cloudvip.ts";
import type { Host } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { cpuTimeMs } from "../lab/proc.ts";
import { pause, waitFor } from "../lab/wait-for.ts";
import { startWebServer } from "../lab/web-server.ts";
import type { Effort, Measurement, Reading } from "./measurement.ts";
import { withLab } from "./with-lab.ts";

const CHECKS = 1_000;
const SECONDS: Record<Effort, number> = { full: 20, quick: 5 };
/** The start and the compilation of what runs often are over by then. */
const SETTLE_MS = 10_000;

/** `HOST` is the agent's own address. */
const TARGETS = {
  tcp: "{ tcp: 127.0.0.1:80 }",
  http: "{ http: http://127.0.0.1/ }",
  ping: "{ ping: HOST, count: 1 }",
  process: "{ process: nginx }",
  file: "{ file: /run/cloudvip-bench }",
} as const;

type Kind = keyof typeof TARGETS;

const KINDS = Object.keys(TARGETS) as readonly Kind[];

/** A thousand checks a second of all kinds in equal parts, agent and side process together, in percent of one processor. */
export const checksMixed: Measurement = {
  name: "checks-1000",
  title: `CPU of ${CHECKS} built-in checks at 1 s, all kinds`,
  unit: "%",
  programs: ["cloudvip"],
  measure: (_program, effort) => cost(KINDS, effort),
};

/** The same of one kind alone. */
export function checksOf(kind: Kind): Measurement {
  return {
    name: `checks-1000-${kind}`,
    title: `CPU of ${CHECKS} ${kind} checks at 1 s`,
    unit: "%",
    programs: ["cloudvip"],
    measure: (_program, effort) => cost([kind], effort),
  };
}

function cost(kinds: readonly Kind[], effort: Effort): Promise<Reading> {
  return withLab(async (lab) => {
    const host = await lab.host("a");
    startWebServer(lab, host);
    const idle = await used(await running(lab, host, []), effort);
    const value = await used(await running(lab, host, kinds), effort);
    return { value, details: { idle } };
  });
}

/** What the agent uses in percent; it is stopped after it. */
async function used(agent: Cloudvip, effort: Effort): Promise<number> {
  await pause(SETTLE_MS);
  const [from, before] = [performance.now(), cpuTimeMs(agent.pid)];
  await pause(SECONDS[effort] * 1_000);
  const percent = ((cpuTimeMs(agent.pid) - before) / (performance.now() - from)) * 100;
  await agent.stop();
  return percent;
}

async function running(lab: Lab, host: Host, kinds: readonly Kind[]): Promise<Cloudvip> {
  const trackers = Array.from({ length: kinds.length === 0 ? 0 : CHECKS }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? "tcp";
    return { name: `${kind}${index}`, target: TARGETS[kind].replace("HOST", host.address) };
  });
  const conf = [
    `track: {${trackers.map(({ name, target }) => ` ${name}: ${target}`).join(",")} }`,
    "vrrp_instance:",
    "  V1:",
    "    interface: eth0",
    "    virtual_router_id: 51",
    "    version: 3",
    `    unicast_src_ip: ${host.address}`,
    "    unicast_peer: [10.77.0.99]",
    "    virtual_ipaddress: [10.77.1.1/32]",
    `    track: [${trackers.map(({ name }) => `{ name: ${name}, weight: 1 }`).join(", ")}]`,
    "",
  ].join("\n");
  const agent = Cloudvip.start(lab, host, conf, { format: "yaml" });
  await waitFor(
    async () => {
      const status = await agent.status().catch(() => undefined);
      return status?.trackers.every(({ state }) => state === "up" || state === "value");
    },
    { what: "every check to succeed", seen: () => agent.log().slice(-2_000), deadlineMs: 30_000 },
  );
  return agent;
}
