/**
 * The service thread's side: holds the providers and carries out what the election thread asks. It may be slow, and it may
 * die; nothing that the elections need lives here.
 */
import { parentPort } from "node:worker_threads";
import { invariant } from "../base/invariant.ts";
import { OpenProviders } from "./open-providers.ts";
import type { FromService, ToService } from "./thread-messages.ts";

invariant(parentPort !== null, "the service worker runs as a thread");
const port = parentPort;
const say = (message: FromService) => port.postMessage(message);
const providers = new OpenProviders(say);

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
    case "ping":
      say({ kind: "pong", count: message.count });
  }
});
