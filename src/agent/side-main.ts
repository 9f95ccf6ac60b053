/**
 * The side process: runs the checks and the hooks. It is a process and no thread, because starting a program copies the page
 * tables of the process that does it, and stops all its threads' page faults meanwhile: 20 ms in an agent that has loaded a
 * cloud's SDK. This one is small, and whatever happens in it, elections go on.
 */
import { setPriority } from "node:os";
import { invariant } from "../base/invariant.ts";
import { openIcmpSocket } from "../linux/icmp-socket.ts";
import { runProgram } from "../linux/run-program.ts";
import { Hooks } from "../notify/hooks/hooks.ts";
import { Trackers } from "../track/trackers.ts";
import type { FromSide, ToSide } from "./side-messages.ts";

invariant(process.send !== undefined, "the side process has an agent to talk to");
const say = (message: FromSide) => process.send?.(message);
const ICMP_IDENTIFIER = process.pid & 0xffff;

const trackers = new Trackers(
  { runProgram, openIcmp: (onReply) => openIcmpSocket(ICMP_IDENTIFIER, onReply) },
  (report) => say({ kind: "tracker", report }),
);
const hooks = new Hooks(runProgram, (report) => say({ kind: "hook", report }));

process.on("message", (message: ToSide) => {
  switch (message.kind) {
    case "setup": {
      const { setup, known } = message;
      hooks.configure(setup.hooked, setup.notifyFifo);
      trackers.watch(setup.trackers, new Map(Object.entries(known)));
      return;
    }
    case "happened":
      void hooks
        .push(message.happening, { again: message.again })
        .then(() => say({ kind: "done", happening: message.happening }));
      return;
    case "finish":
      trackers.close();
      void hooks.idle().then(() => say({ kind: "idle" }));
      return;
    case "ping":
      say({ kind: "pong", count: message.count });
  }
});

// The agent ends this process when its last hooks are through; a service manager's signal to all processes comes too early.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());

// The agent may run before all others; checks and scripts have no reason to.
try {
  setPriority(0);
} catch {
  // Then they run as the agent does.
}
