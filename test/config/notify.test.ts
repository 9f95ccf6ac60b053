import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { oneLine, withOptions } from "./snippets.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-notify-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function load(notify: string, env: NodeJS.ProcessEnv = {}) {
  const path = join(folder, "cloudvip.yaml");
  await writeFile(path, `${withOptions("priority: 100")}${notify}`);
  const { config, problems } = await loadConfig(path, { env, hostName: "node-a" });
  return {
    notify: config?.notify,
    problems: problems.map((problem) => oneLine({ ...problem, column: undefined })),
  };
}

async function secretFile(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, 0o600);
  return path;
}

const channel = (options: string) => `notify:\n  channels:\n    ops: { ${options} }\n`;

describe("a notify block", () => {
  test("that is missing tells nobody", async () => {
    expect(await load("")).toEqual({ notify: undefined, problems: [] });
  });

  test("has a channel with the defaults that suit most", async () => {
    const { notify, problems } = await load(
      channel("type: slack, url: 'https://hooks.slack.com/services/T/B/x'"),
    );
    expect(problems).toEqual([]);
    expect(notify).toEqual({
      spoolDirectory: "/var/lib/cloudvip/notify",
      channels: [
        {
          name: "ops",
          type: "slack",
          url: "https://hooks.slack.com/services/T/B/x",
          secret: undefined,
          authorization: undefined,
          template: undefined,
          minSeverity: "warning",
          language: "en",
          perMinute: undefined,
          allowLoopback: false,
        },
      ],
    });
  });

  test("takes secrets from files and from the environment", async () => {
    const url = await secretFile("url", "https://oapi.dingtalk.com/robot/send?access_token=T\n");
    const { notify, problems } = await load(channel(`type: dingtalk, url_file: ${url}, secret_env: DING`), {
      DING: "SECret",
    });
    expect(problems).toEqual([]);
    expect(notify?.channels[0]).toMatchObject({
      url: "https://oapi.dingtalk.com/robot/send?access_token=T",
      secret: "SECret",
    });
  });

  test("knows where PagerDuty is, and the ports of mail", async () => {
    const { notify, problems } = await load(
      [
        "notify:",
        "  channels:",
        "    pager: { type: pagerduty, secret: R0UT1NGK3Y }",
        "    mail: { type: smtp, server: mail.example.com, from: a@example.com, to: [b@example.com] }",
        "    mails: { type: smtp, server: '[2001:db8::1]', tls: implicit, from: a@example.com, to: [b@example.com] }",
        "    odd: { type: smtp, server: 'mail.example.com:2525', from: a@example.com, to: [b@example.com] }",
        "",
      ].join("\n"),
    );
    expect(problems).toEqual([]);
    expect(notify?.channels).toMatchObject([
      { url: "https://events.pagerduty.com/v2/enqueue", secret: "R0UT1NGK3Y" },
      { host: "mail.example.com", port: 587, tls: "starttls" },
      { host: "2001:db8::1", port: 465 },
      { port: 2525 },
    ]);
  });
});

describe("a mistake in a channel", () => {
  test.each([
    [
      "type: telegram, url: 'https://x.example/'",
      '11 error notify.channels.ops.type: "telegram" is not among the values; write one of dingtalk, feishu, wecom, slack, teams, pagerduty, webhook, smtp',
    ],
    [
      "type: slack",
      "11 error notify.channels.ops: a channel of type slack needs url; write url, url_file or url_env",
    ],
    [
      "type: smtp, from: a@example.com, to: [b@example.com]",
      "11 error notify.channels.ops: a channel of type smtp needs server; write server",
    ],
    [
      "type: slack, url: 'https://x.example/', secret: abcd",
      "11 error notify.channels.ops.secret: has no meaning for slack, only for dingtalk, feishu, pagerduty, webhook; remove it",
    ],
    [
      "type: slack, url: 'https://x.example/', url_env: X",
      "11 error notify.channels.ops.url_env: url says it already; write url or url_env",
    ],
    [
      "type: webhook, url: 'https://x.example/', template: '{\"a\": {{title}}}'",
      "11 error notify.channels.ops.template: the template is no JSON; write JSON, with the placeholders within its strings",
    ],
    [
      "type: smtp, server: m.example, from: a@example.com, to: [b@example.com], user: u",
      "11 error notify.channels.ops.user: a user without a password cannot log in; write password_file",
    ],
    [
      "type: smtp, server: 'm.example:99999', from: 'A <a@example.com>', to: [b@example.com]",
      '11 error notify.channels.ops.server: "m.example:99999" is no server; write a name or an address, and a port, such as mail.example.com:587',
    ],
    [
      "type: slack, url: 'https://x.example/', colour: red",
      '11 error notify.channels.ops.colour: there is no option "colour" here; remove it; conf/cloudvip.yaml describes every option',
    ],
  ])("%s is told with what to write", async (options, problem) => {
    expect((await load(channel(options))).problems).toContain(problem);
  });

  test("never shows an address or a secret", async () => {
    const bad = await secretFile("bad", "no address but a s3cr3tt0ken");
    for (const options of [
      "type: slack, url: 's3cr3tt0ken'",
      "type: slack, url: [s3cr3tt0ken]",
      "type: slack, url: 'ftp://x.example/s3cr3tt0ken'",
      `type: slack, url_file: ${bad}`,
      "type: dingtalk, url: 'https://x.example/', secret: [s3cr3tt0ken]",
      "type: webhook, url: 'https://x.example/', authorization: { Bearer: s3cr3tt0ken }",
      "type: webhook, url: 'https://x.example/', secret: \"s3cr3tt0ken\\n\"",
    ]) {
      const { notify, problems } = await load(channel(options));
      expect(notify).toBeUndefined();
      expect(problems).not.toEqual([]);
      expect(problems.join()).not.toContain("s3cr3tt0ken");
    }
  });

  test("warns of a token that goes over the network unencrypted", async () => {
    const { notify, problems } = await load(channel("type: webhook, url: 'http://x.example/token'"));
    expect(notify?.channels).toHaveLength(1);
    expect(problems).toEqual([
      "11 warning notify.channels.ops.url: the address, and the token in it, goes over the network unencrypted; write https:// if the receiver has it",
    ]);
  });
});
