import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { listFirewallRules, type RunCommand, runTool } from "../linux/firewall-rules.ts";
import { openVrrpSocket } from "../linux/open-vrrp-socket.ts";
import { openArpAnnouncer } from "../linux/packet-socket.ts";
import { openNetwork } from "../linux/rtnetlink.ts";
import { asElectionThread } from "../linux/scheduling.ts";
import type { ClockView, DoctorHost, NetworkView, ProcessView, RouteView } from "./host.ts";
import { isObject, tryToParseJson } from "./json.ts";
import { watchWire } from "./wire/watch-wire.ts";

const TOOL_DEADLINE_MS = 8_000;
const CLOCK_WATCH_MS = 1_000;
const CLOCK_TICK_MS = 5;

export interface LocalHostOptions {
  /** Where files are looked for, except those of the kernel: a test brings a directory with an `etc` of its own. */
  readonly root?: string;
  /** A listing of many thousand rules takes its time; no other tool does. @default 8000 */
  readonly toolDeadlineMs?: number;
}

/**
 * This host, in the network namespace of the calling thread. What several checks ask for is read once. /proc is read with
 * blocking calls: Node's other threads may be in another namespace, and nothing here waits for a disk.
 */
export function localHost({
  root = "",
  toolDeadlineMs = TOOL_DEADLINE_MS,
}: LocalHostOptions = {}): DoctorHost {
  const run: RunCommand = (command) => runTool(command, AbortSignal.timeout(toolDeadlineMs));
  const isThere = (path: string) => /^\/(proc|sys)\//.test(path) || path.startsWith(root);
  const place = (path: string) => (isThere(path) ? path : root + path);
  return {
    isRoot: process.geteuid?.() === 0,
    network: once(readNetwork),
    firewall: once(() => listFirewallRules(run)),
    routeTo: oncePerKey((address: string) => readRoute(run, address)),
    readText: (path) => readText(place(path)),
    list: (path) => list(place(path)),
    ownership: (path) => ownership(place(path)),
    processes: once(readProcesses),
    tryVrrpSocket: () => openVrrpSocket(DEAF).close(),
    tryPacketSocket: () => openArpAnnouncer().close(),
    watchClocks: once(() => asElectionThread(watchClocks)),
    watchWire,
    run,
  };
}

const DEAF = { onPacket() {}, onSendError() {}, onError() {} };

function once<T>(read: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => {
    answer ??= { value: read() };
    return answer.value;
  };
}

function oncePerKey<T>(read: (key: string) => T): (key: string) => T {
  const answers = new Map<string, () => T>();
  return (key) => {
    const answer = answers.get(key) ?? once(() => read(key));
    answers.set(key, answer);
    return answer();
  };
}

async function readNetwork(): Promise<NetworkView> {
  const network = await openNetwork();
  const view = { links: network.links(), addresses: network.addresses() };
  network.close();
  return view;
}

async function readRoute(run: RunCommand, address: string): Promise<RouteView | undefined> {
  const ran = await run(["ip", "-j", "route", "get", address]);
  if (!ran.ok) return undefined;
  const routes = tryToParseJson(ran.output);
  const route = Array.isArray(routes) ? routes[0] : undefined;
  if (!isObject(route) || typeof route["dev"] !== "string") return undefined;
  const gateway = typeof route["gateway"] === "string" ? route["gateway"] : undefined;
  return { interfaceName: route["dev"], gateway };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function ownership(path: string): { readonly uid: number; readonly mode: number } | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { uid: stats.uid, mode: stats.mode & 0o7777 };
}

/** Those in our network namespace: what runs in a container does not touch our addresses. */
function readProcesses(): readonly ProcessView[] {
  const ours = networkNamespace("thread-self");
  const entries = list("/proc");
  if (!entries.includes("1")) throw new Error("/proc does not show the processes of other users");
  return entries.flatMap((entry) => {
    if (/^\d+$/.test(entry) && (networkNamespace(entry) ?? ours) !== ours) return [];
    const name = /^\d+$/.test(entry) ? readText(`/proc/${entry}/comm`)?.trim() : undefined;
    if (name === undefined) return [];
    const commandLine = (readText(`/proc/${entry}/cmdline`) ?? "").split("\0").filter((word) => word !== "");
    // A thread of the kernel, or a process that has ended.
    if (commandLine.length === 0) return [];
    return [{ pid: Number(entry), name, commandLine }];
  });
}

/** Undefined when it may not be asked, or the process is gone. */
function networkNamespace(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/net`);
  } catch {
    return undefined;
  }
}

function watchClocks(): Promise<ClockView> {
  const began = { wall: Date.now(), monotonic: performance.now() };
  let due = began.monotonic + CLOCK_TICK_MS;
  let worstLatenessMs = 0;
  return new Promise((resolve) => {
    const tick = () => {
      const now = performance.now();
      worstLatenessMs = Math.max(worstLatenessMs, now - due);
      const watchedMs = now - began.monotonic;
      if (watchedMs < CLOCK_WATCH_MS) {
        due = now + CLOCK_TICK_MS;
        setTimeout(tick, CLOCK_TICK_MS);
        return;
      }
      resolve({ watchedMs, worstLatenessMs, stepMs: Math.round(Date.now() - began.wall - watchedMs) });
    };
    setTimeout(tick, CLOCK_TICK_MS);
  });
}
