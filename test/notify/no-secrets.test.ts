import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { millis } from "../../src/base/units.ts";
import { HTTP_CHANNEL_TYPES } from "../../src/config/notify-config.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { senderFor } from "../../src/notify/sender.ts";
import { waitFor } from "../lab/wait-for.ts";
import { Receiver } from "./receiver.ts";
import { FAULT, httpChannel, occurrence } from "./samples.ts";

const SECRETS = ["t0k3nInTheUrl", "s1gn1ngS3cret", "Bearer h3aderS3cret"];

let receiver: Receiver;
let directory: string;

beforeEach(async () => {
  receiver = await Receiver.open();
  directory = mkdtempSync(join(tmpdir(), "cloudvip-secrets-"));
});

afterEach(async () => {
  await receiver.close();
  rmSync(directory, { recursive: true });
});

it("No secret of any channel is in a log line, on the disk, or in another channel's message", async () => {
  const [url, secret, authorization] = SECRETS;
  // The worst receiver: it refuses, and quotes everything that it got.
  receiver.answers((response, { path, headers, body }) =>
    response
      .writeHead(400)
      .end(JSON.stringify({ errcode: 310000, errmsg: path + JSON.stringify(headers) + body })),
  );
  const logged: string[] = [];
  const notifier = new Notifier({
    now: () => millis(performance.now()),
    timeOfDay: Date.now,
    random: Math.random,
    setTimer: (delay, callback) => {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    senderFor: (channel) => senderFor(channel, Date.now),
    log: (level, message, facts) => logged.push(`${level} ${message} ${JSON.stringify(facts)}`),
  });
  const channels = HTTP_CHANNEL_TYPES.map((type) =>
    httpChannel({ name: type, type, url: receiver.url(`/hook/${url}?token=${url}`), secret, authorization }),
  );
  notifier.configure({ spoolDirectory: directory, channels });
  const why = `GET https://x.example/?token=${url} failed`;
  notifier.accept({
    ...occurrence({ kind: "cloud-call-failed", operation: "claim", message: why, attempts: 1 }),
  });
  notifier.accept(occurrence(FAULT));
  await waitFor(() => logged.filter((line) => line.startsWith("warn")).length >= channels.length, {
    what: "a complaint of each channel",
    seen: () => logged,
  });
  notifier.close();
  const disk = readFileSync(join(directory, "notifications.spool"), "utf8");
  for (const text of [...logged, disk]) for (const each of SECRETS) expect(text).not.toContain(each);
  // A receiver gets its own token in the address and its routing key in the body, and nothing in the message itself.
  for (const { body } of receiver.received) {
    const message = body.replace(`"routing_key":"${secret}"`, "");
    for (const each of SECRETS) expect(message).not.toContain(each);
  }
});
