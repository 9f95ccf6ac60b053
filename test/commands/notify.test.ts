import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notify } from "../../src/commands/notify.ts";
import { withOptions } from "../config/snippets.ts";
import { Receiver } from "../notify/receiver.ts";
import { CapturedOutput } from "./captured-output.ts";

let folder: string;
let receiver: Receiver;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-notify-"));
  receiver = await Receiver.open();
});

afterEach(async () => {
  await receiver.close();
  await rm(folder, { recursive: true });
});

async function run(
  channels: Readonly<Record<string, string>>,
  options: { channel?: string; json?: boolean } = {},
) {
  const config = join(folder, "cloudvip.yaml");
  const lines = Object.entries(channels).map(
    ([name, text]) => `    ${name}: { ${text}, allow_loopback: true }\n`,
  );
  await writeFile(config, `${withOptions("priority: 100")}notify:\n  channels:\n${lines.join("")}`);
  const [out, err] = [new CapturedOutput(), new CapturedOutput()];
  const code = await notify({ config, test: true, ...options, out, err });
  return { code, out: out.text.replaceAll(/in \d+ ms/g, "in N ms"), err: err.text };
}

const chat = () => `type: slack, url: '${receiver.url()}'`;
const robot = () => `type: dingtalk, url: '${receiver.url("/robot?access_token=t0kent0ken")}'`;

describe("cloudvip notify --test", () => {
  test("says of each channel that its receiver took the message, and exits with 0", async () => {
    expect(await run({ chat: chat() })).toEqual({
      code: 0,
      out: "chat (slack): delivered in N ms\n",
      err: "",
    });
    expect(JSON.parse(receiver.received[0]?.body ?? "").text).toMatch(/^test message from /);
  });

  test("says which receiver did not take it and why, without a secret, and exits with 1", async () => {
    receiver.answers((response, { path }) =>
      response.end(path.startsWith("/robot") ? '{"errcode":310000,"errmsg":"bad t0kent0ken"}' : "ok"),
    );
    const { code, out } = await run({ chat: chat(), robot: robot() });
    expect(code).toBe(1);
    expect(out.split("\n")).toEqual([
      "chat (slack): delivered in N ms",
      "robot (dingtalk): NOT delivered: error 310000: bad ***",
      "  see the robot's token, its security settings (keyword, sign, IP list), and whether its group still exists",
      "",
    ]);
  });

  test("opens an incident at a pager and ends it", async () => {
    receiver.answers((response) => response.writeHead(202).end('{"status":"success"}'));
    await run({ pager: `type: pagerduty, secret: R0UT1NGK3Y, url: '${receiver.url()}'` });
    expect(receiver.received.map(({ body }) => JSON.parse(body).event_action)).toEqual([
      "trigger",
      "resolve",
    ]);
  });

  test("tries one channel alone", async () => {
    await run({ chat: chat(), robot: robot() }, { channel: "robot" });
    expect(receiver.received.map(({ path }) => path.split("?")[0])).toEqual(["/robot"]);
  });

  test("tells programs the same", async () => {
    const { out } = await run({ chat: chat() }, { json: true });
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      channels: [{ name: "chat", type: "slack", outcome: { kind: "delivered" } }],
    });
  });

  test("needs a channel, and knows their names", async () => {
    await expect(run({ chat: chat() }, { channel: "caht" })).rejects.toMatchObject({
      message: "there is no channel caht",
      hint: "choose from chat",
    });
  });

  test("shows the mistakes of a file instead", async () => {
    const { code, err } = await run({ chat: "type: slack" });
    expect(code).toBe(1);
    expect(err).toContain("a channel of type slack needs url");
  });
});
