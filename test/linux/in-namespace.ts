/**
 * Network namespaces for the tests of one file. They have no name: the thread of the test makes each with unshare(2) and goes in
 * and out with setns(2), so that a socket which is opened inside stays there, and the kernel removes everything when the test
 * process ends, however it ends.
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import koffi from "koffi";
import type { TestContext } from "vitest";
import { loadRawSocket } from "../../src/linux/raw-socket-adapter.ts";
import type { VrrpSocket } from "../../src/linux/vrrp-socket.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";
import { requires } from "../setup/requires.ts";

const CLONE_NEWNET = 0x40000000;
/** The calling thread's own namespace. */
const HERE = "/proc/thread-self/ns/net";

const libc = koffi.load(null);
const unshare = libc.func("int unshare(int)") as (flags: number) => number;
const setns = libc.func("int setns(int, int)") as (fd: number, flags: number) => number;

/** For `beforeEach`: skips a test, with its reason, where namespaces cannot be made. */
export const requireNamespaces = requires("namespaces");

/** Skips a test of the add-on where it is not compiled; it is an optional dependency, but not where everything must run. */
export function requireAdapter(adapter: VrrpSocket["adapter"], context: Pick<TestContext, "skip">): void {
  if (adapter === "libc" || process.env["CLOUDVIP_REQUIRE_LAB"] === "1" || loadRawSocket()) return;
  context.skip("it needs the raw-socket add-on, which is not compiled");
}

export interface Namespace {
  /** Runs `work` inside; what it opens belongs to the namespace for good. What it does after waiting happens outside. */
  run<T>(work: () => T): T;
  /** Goes in and stays there until the returned function is called, for what opens sockets at any time. */
  enter(): () => void;
  /** Runs `ip` inside, its arguments separated by spaces, and returns what it prints. */
  ip(command: string): string;
  /** How `ip link … netns` names it. */
  readonly path: string;
  close(): void;
}

/** An empty network namespace with its loopback up. */
export function makeNamespace(): Namespace {
  const leaveNew = goTo(() => unshare(CLONE_NEWNET));
  const own = openSync(HERE, "r");
  leaveNew();

  const enter = () => goTo(() => setns(own, CLONE_NEWNET));
  function run<T>(work: () => T): T {
    const leave = enter();
    try {
      return work();
    } finally {
      leave();
    }
  }
  const ip = (command: string) =>
    run(() =>
      execFileSync("ip", command.split(" "), {
        encoding: "utf8",
        env: TOOL_ENVIRONMENT,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  ip("link set lo up");
  return {
    run,
    enter,
    ip,
    path: `/proc/${process.pid}/fd/${own}`,
    close: () => closeSync(own),
  };
}

/** Runs `work` in a namespace that others made, `path` as in /run/netns; what it opens belongs there for good. */
export function runInNamespace<T>(path: string, work: () => T): T {
  const namespace = openSync(path, "r");
  const leave = goTo(() => setns(namespace, CLONE_NEWNET));
  try {
    return work();
  } finally {
    leave();
    closeSync(namespace);
  }
}

/** Changes the thread's namespace; the returned function changes back to the one before. */
function goTo(change: () => number): () => void {
  const before = openSync(HERE, "r");
  if (change() !== 0) throw new Error(`no change of network namespace: errno ${koffi.errno()}`);
  return () => {
    if (setns(before, CLONE_NEWNET) !== 0) throw new Error(`no way back: errno ${koffi.errno()}`);
    closeSync(before);
  };
}

export interface Pair {
  readonly left: Namespace;
  readonly right: Namespace;
  close(): void;
}

/** Two namespaces joined by a cable: `va` with 10.9.0.1/24 on the left, `vb` with 10.9.0.2/24 on the right. */
export async function makePair(): Promise<Pair> {
  const left = makeNamespace();
  const right = makeNamespace();
  left.ip(`link add va type veth peer name vb netns ${right.path}`);
  left.ip("addr add 10.9.0.1/24 dev va");
  right.ip("addr add 10.9.0.2/24 dev vb");
  left.ip("link set va up");
  right.ip("link set vb up");
  // The kernel tells of the carrier a moment later, and drops what is sent before.
  const cable = () => [left.ip("link show va"), right.ip("link show vb")];
  await waitFor(() => cable().every((link) => link.includes("state UP")), { what: "the cable", seen: cable });
  return {
    left,
    right,
    close() {
      left.close();
      right.close();
    },
  };
}
