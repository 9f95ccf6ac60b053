import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemdNotifier } from "../../src/linux/systemd-notify.ts";

/** Stands in for systemd: prints each datagram as one line of JSON. */
const RECEIVER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = sys.argv[1]
s.bind("\\0" + path[1:] if path[0] == "@" else path)
print(json.dumps("listening"), flush=True)
while True: print(json.dumps(s.recv(4096).decode()), flush=True)
`;

let directory: string;
let receiver: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-notify-"));
});

afterEach(() => {
  receiver?.kill();
  receiver = undefined;
  rmSync(directory, { recursive: true });
});

/** Starts the receiver at `path`; the answer gives one message after the other. */
async function listen(path: string): Promise<() => Promise<string>> {
  const child = spawn("python3", ["-c", RECEIVER, path], { stdio: ["ignore", "pipe", "inherit"] });
  receiver = child;
  await once(child, "spawn");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null") as string;
  expect(await next()).toBe("listening");
  return next;
}

describe("the service manager", () => {
  test.each([
    ["a path", () => join(directory, "notify")],
    ["an abstract address", () => `@cloudvip-test-${process.pid}`],
  ])("is told of each state, through %s", async (_, pathOf) => {
    const received = await listen(pathOf());
    const notifier = systemdNotifier({ NOTIFY_SOCKET: pathOf() });

    expect(notifier?.notify({ ready: true, status: "MASTER of 2 of 3\ninstances" })).toBeUndefined();
    expect(await received()).toBe("READY=1\nSTATUS=MASTER of 2 of 3 instances");
    notifier?.notify({ watchdog: true });
    expect(await received()).toBe("WATCHDOG=1");
    notifier?.notify({ reloading: true });
    expect(await received()).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    notifier?.notify({ stopping: true });
    expect(await received()).toBe("STOPPING=1");
  });

  test("that does not listen is reported by the errno's name", () => {
    const notifier = systemdNotifier({ NOTIFY_SOCKET: join(directory, "nobody") });
    expect(notifier?.notify({ ready: true })).toBe("ENOENT");
  });

  test("is not talked to when it did not start us, or gave an address that we cannot use", () => {
    expect(systemdNotifier({})).toBeUndefined();
    expect(systemdNotifier({ NOTIFY_SOCKET: "" })).toBeUndefined();
    expect(systemdNotifier({ NOTIFY_SOCKET: "vsock:2:1234" })).toBeUndefined();
    expect(systemdNotifier({ NOTIFY_SOCKET: `/${"x".repeat(107)}` })).toBeUndefined();
  });
});

describe("the watchdog", () => {
  const NOTIFY_SOCKET = "/run/systemd/notify";

  test("is fed twice in its period", () => {
    const notifier = systemdNotifier({
      NOTIFY_SOCKET,
      WATCHDOG_USEC: "3000000",
      WATCHDOG_PID: `${process.pid}`,
    });
    expect(notifier?.watchdogInterval).toBe(1500);
  });

  test("is none of our business when it watches another process, or nobody", () => {
    const another = systemdNotifier({ NOTIFY_SOCKET, WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" });
    expect(another?.watchdogInterval).toBeUndefined();
    expect(systemdNotifier({ NOTIFY_SOCKET })?.watchdogInterval).toBeUndefined();
  });
});
