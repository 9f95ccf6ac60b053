/**
 * The service thread's side: holds the providers and the channels to people, and carries out what the election thread asks. It
 * may be slow, and it may die; nothing that the elections need lives here.
 */
import { getPriority, setPriority } from "node:os";
import { performance } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { invariant } from "../base/invariant.ts";
import { millis } from "../base/units.ts";
import { Notifier } from "../notify/notifier.ts";
import { senderFor } from "../notify/sender.ts";
import { OpenProviders } from "./open-providers.ts";
import type { FromService, ToService } from "./thread-messages.ts";

invariant(parentPort !== null, "the service worker runs as a thread");
const port = parentPort;
// A thread begins with its maker's nice value, and this one shall not compete with the elections.
if (getPriority() < 0) setPriority(0);
const say = (message: FromService) => port.postMessage(message);
const providers = new OpenProviders(say);
const notifier = new Notifier({
  now: () => millis(performance.now()),
  timeOfDay: Date.now,
  random: Math.random,
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  senderFor: (channel) => senderFor(channel, Date.now),
  log: (level, message, facts = {}) =>
    say({ kind: "log", level, message, facts: { event: "notify", ...facts } }),
});

port.on("message", (message: ToService) => {
  switch (message.kind) {
    case "open":
      void providers.open(message.id, message.request);
      return;
    case "call":
      void providers.call(message.call);
      return;
    case "abort":
      providers.abort(message.id);
      return;
    case "close":
      void providers.close(message.key);
      return;
    case "end":
      void providers.closeAll().then(() => process.exit());
      return;
    case "notify":
      notifier.configure(message.config);
      return;
    case "tell":
      notifier.accept(message.occurrence);
      say({ kind: "told", id: message.id });
      return;
    case "drain":
      void notifier.drained().then(() => say({ kind: "drained" }));
      return;
    case "ping":
      say({ kind: "pong", count: message.count, channels: notifier.snapshot() });
  }
});
