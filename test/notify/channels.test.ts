import { describe, expect, it } from "vitest";
import type { HttpChannelTypeName } from "../../src/config/notify-config.ts";
import type { HttpChannelType } from "../../src/notify/channels/channel-type.ts";
import { dingtalk } from "../../src/notify/channels/dingtalk.ts";
import { feishu } from "../../src/notify/channels/feishu.ts";
import { mailOf } from "../../src/notify/channels/mail.ts";
import { pagerduty } from "../../src/notify/channels/pagerduty.ts";
import { slack } from "../../src/notify/channels/slack.ts";
import { teams } from "../../src/notify/channels/teams.ts";
import { webhook } from "../../src/notify/channels/webhook.ts";
import { wecom } from "../../src/notify/channels/wecom.ts";
import { reportsOf } from "../../src/notify/wording/report.ts";
import { FAULT, httpChannel, message, notification, SERVING, TOOK_OVER } from "./samples.ts";

const NOW = 1_700_000_000_000;
const HOSTILE = "<!channel> [click](https://evil.example) <at id=all></at> @all *x* `y`\n# heading";

const TYPES: Readonly<Record<HttpChannelTypeName, HttpChannelType>> = {
  dingtalk,
  feishu,
  wecom,
  slack,
  teams,
  pagerduty,
  webhook,
};

describe("the message of", () => {
  it("DingTalk is signed in its address", () => {
    const url = "https://oapi.dingtalk.com/robot/send?access_token=T";
    const request = dingtalk.request(message([TOOK_OVER]), httpChannel({ url, secret: "SECtest" }), NOW);
    expect(new URL(request.url).searchParams.get("sign")).toBe(
      "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=",
    );
    expect(new URL(request.url).searchParams.get("access_token")).toBe("T");
    const body = JSON.parse(request.body);
    expect(body.msgtype).toBe("markdown");
    expect(body.markdown.title).toBe("node-b took over VI_1 (10.0.0.10/32)");
    expect(body.markdown.text).toContain("- **Before**: 10.0.0.4 (150)");
  });

  it("DingTalk without a secret leaves the address alone", () => {
    const url = "https://oapi.dingtalk.com/robot/send?access_token=T";
    expect(dingtalk.request(message([TOOK_OVER]), httpChannel({ url }), NOW).url).toBe(url);
  });

  it("Feishu is signed in its body", () => {
    const request = feishu.request(message([TOOK_OVER]), httpChannel({ secret: "demo" }), 1_599_360_473_999);
    const body = JSON.parse(request.body);
    expect(body).toMatchObject({
      timestamp: "1599360473",
      sign: "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
      msg_type: "interactive",
    });
    expect(body.card.header).toMatchObject({ template: "red", title: { tag: "plain_text" } });
  });

  it("WeCom is Markdown", () => {
    const body = JSON.parse(wecom.request(message([TOOK_OVER], "zh"), httpChannel(), NOW).body);
    expect(body.markdown.content).toContain("### node-b 接管了 VI_1 (10.0.0.10/32)\n");
  });

  it("Slack has a text for the push and blocks for the channel", () => {
    const body = JSON.parse(slack.request(message([TOOK_OVER]), httpChannel(), NOW).body);
    expect(body.text).toBe("node-b took over VI_1 (10.0.0.10/32)");
    expect(body.blocks.map(({ type }: { type: string }) => type)).toEqual(["header", "section"]);
  });

  it("Teams is an adaptive card", () => {
    const body = JSON.parse(teams.request(message([TOOK_OVER]), httpChannel(), NOW).body);
    expect(body.attachments[0].content).toMatchObject({ type: "AdaptiveCard", version: "1.4" });
  });

  it("PagerDuty triggers with trouble and resolves the same incident at its end", () => {
    const channel = httpChannel({ type: "pagerduty", secret: "R0UT1NGK3Y" });
    const bodyOf = (incident: "open" | "close") => {
      const notifications = [notification(FAULT, { incident })];
      const built = { ...message([FAULT]), notifications, reports: reportsOf(notifications, "en") };
      return JSON.parse(pagerduty.request(built, channel, NOW).body);
    };
    expect(bodyOf("open")).toMatchObject({
      routing_key: "R0UT1NGK3Y",
      event_action: "trigger",
      dedup_key: "cloudvip/node-b/VI_1",
      payload: { severity: "critical", source: "node-b", class: "transition", component: "VI_1" },
    });
    expect(bodyOf("close")).toEqual({
      routing_key: "R0UT1NGK3Y",
      event_action: "resolve",
      dedup_key: "cloudvip/node-b/VI_1",
      client: "cloudvip",
    });
  });

  it("a webhook holds every notification as JSON and is signed", () => {
    const request = webhook.request(message([TOOK_OVER, SERVING]), httpChannel({ secret: "key" }), NOW);
    const body = JSON.parse(request.body);
    expect(body).toMatchObject({ version: 1, dropped: 0 });
    expect(body.notifications.map(({ event }: { event: { kind: string } }) => event.kind)).toEqual([
      "transition",
      "serving",
    ]);
    expect(request.headers["x-cloudvip-signature"]).toMatch(/^t=1700000000,v1=[0-9a-f]{64}$/);
  });

  it("a webhook with a template has the operator's form, and stays JSON whatever the values hold", () => {
    const template =
      '{"alert":"{{title}}","level":"{{ severity }}","why":"{{text}}","keep":"{{unknown}} {{constructor}}"}';
    const checks = [{ name: "c", ok: false, output: 'say "no"\\' }];
    const request = webhook.request(message([{ ...FAULT, checks }]), httpChannel({ template }), NOW);
    const body = JSON.parse(request.body);
    expect(body).toMatchObject({ level: "critical", keep: "{{unknown}} {{constructor}}" });
    expect(body.why).toContain('say "no"\\');
  });

  it("a webhook carries the authorization that its receiver asks for", () => {
    const { headers } = webhook.request(
      message([FAULT]),
      httpChannel({ authorization: "Bearer t0ken" }),
      NOW,
    );
    expect(headers["authorization"]).toBe("Bearer t0ken");
  });

  it("mail has a subject that tells the severity", () => {
    const { subject, text, messageId } = mailOf(message([TOOK_OVER]));
    expect(subject).toBe("[cloudvip CRITICAL] node-b took over VI_1 (10.0.0.10/32)");
    expect(text).toContain("Why: BACKUP -> MASTER: the MASTER fell silent\n");
    expect(messageId).toBe("<0c5f6a3e-0001@cloudvip>");
  });
});

describe("several notifications", () => {
  it("become one message with a line for each, and how many were dropped", () => {
    const body = JSON.parse(
      dingtalk.request(message([FAULT, FAULT, TOOK_OVER], "en", 4), httpChannel(), NOW).body,
    );
    expect(body.markdown.title).toBe("3 notifications from node-b");
    expect(body.markdown.text).toContain("4 older notifications were dropped");
    expect(body.markdown.text.match(/12:00:00/g)).toHaveLength(3);
  });
});

describe("a limit of the receiver's", () => {
  const huge = "数".repeat(50_000);
  const flood = message(
    Array.from({ length: 100 }, () => ({ ...FAULT, checks: [{ name: huge, ok: false, output: huge }] })),
    "zh",
  );
  const obstacles = Array.from({ length: 300 }, () => huge);
  const single = message([{ kind: "cloud-not-ready", obstacles }], "zh");

  it.each([
    { type: "dingtalk", bytes: 20_000 },
    { type: "feishu", bytes: 20_000 },
    { type: "teams", bytes: 28_000 },
    { type: "pagerduty", bytes: 512 * 1024 },
  ] as const)("of $bytes bytes is kept by $type", ({ type, bytes }) => {
    for (const built of TYPES[type].batchMax === 1 ? [single] : [flood, single]) {
      const { body } = TYPES[type].request(built, httpChannel({ type, secret: "s3cret" }), NOW);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(bytes);
    }
  });

  it("of 4096 bytes is kept by WeCom, and says how much is missing", () => {
    for (const built of [flood, single]) {
      const { content } = JSON.parse(wecom.request(built, httpChannel(), NOW).body).markdown;
      expect(Buffer.byteLength(content)).toBeLessThanOrEqual(4_096);
    }
    expect(JSON.parse(wecom.request(flood, httpChannel(), NOW).body).markdown.content).toMatch(/另有 \d+ 条/);
  });

  it("of 3000 and 150 characters is kept by Slack", () => {
    for (const built of [flood, single]) {
      const { blocks } = JSON.parse(slack.request(built, httpChannel(), NOW).body);
      expect(blocks[0].text.text.length).toBeLessThanOrEqual(150);
      expect(blocks[1].text.text.length).toBeLessThanOrEqual(3_000);
    }
  });
});

describe("what a check printed", () => {
  const checks = [{ name: "probe", ok: false, output: HOSTILE }];

  it.each(["dingtalk", "feishu", "wecom", "teams"] as const)("is no markup in %s", (type) => {
    const { body } = TYPES[type].request(message([{ ...FAULT, checks }]), httpChannel({ type }), NOW);
    expect(body).not.toMatch(/\[click\]|<at|<!channel>|@all|\\n# heading/);
  });

  it("is no mention or link in Slack", () => {
    const { body } = slack.request(message([{ ...FAULT, checks }]), httpChannel(), NOW);
    expect(body).toContain("&lt;!channel&gt;");
    expect(body).not.toContain("<!channel>");
  });
});

describe("an answer", () => {
  const answer = (status: number, body: string, retryAfter?: string) => ({ status, body, retryAfter });

  it.each([
    { type: "dingtalk", body: '{"errcode":0,"errmsg":"ok"}', kind: "delivered" },
    { type: "dingtalk", body: '{"errcode":310000,"errmsg":"sign not match"}', kind: "refused" },
    { type: "dingtalk", body: '{"errcode":130101,"errmsg":"send too fast"}', kind: "failed" },
    { type: "dingtalk", body: '{"errcode":-1,"errmsg":"system busy"}', kind: "failed" },
    { type: "dingtalk", body: "<html>a proxy</html>", kind: "failed" },
    { type: "feishu", body: '{"code":0,"msg":"success"}', kind: "delivered" },
    { type: "feishu", body: '{"StatusCode":0,"StatusMessage":"success"}', kind: "delivered" },
    { type: "feishu", body: '{"code":19021,"msg":"sign match fail"}', kind: "refused" },
    { type: "feishu", body: '{"code":11232,"msg":"frequency limited"}', kind: "failed" },
    { type: "feishu", body: '{"code":19036,"msg":"too big"}', kind: "rejected" },
    { type: "wecom", body: '{"errcode":93000,"errmsg":"invalid webhook url"}', kind: "refused" },
    { type: "wecom", body: '{"errcode":45009,"errmsg":"api freq out of limit"}', kind: "failed" },
    { type: "wecom", body: '{"errcode":40058,"errmsg":"too long"}', kind: "rejected" },
    { type: "slack", body: "ok", kind: "delivered" },
    { type: "teams", body: "", kind: "delivered" },
  ] as const)("of $type that says $body with 200 is $kind", ({ type, body, kind }) => {
    expect(TYPES[type].judge(answer(200, body), NOW).kind).toBe(kind);
  });

  it("that says too fast makes DingTalk silent for ten minutes", () => {
    const outcome = dingtalk.judge(answer(200, '{"errcode":130101,"errmsg":"too fast"}'), NOW);
    expect(outcome).toMatchObject({ kind: "failed", retryAfter: 600_000 });
  });

  it.each([
    { status: 202, kind: "delivered" },
    { status: 302, kind: "refused" },
    { status: 400, kind: "rejected" },
    { status: 403, kind: "refused" },
    { status: 404, kind: "refused" },
    { status: 410, kind: "refused" },
    { status: 413, kind: "rejected" },
    { status: 429, kind: "failed" },
    { status: 500, kind: "failed" },
    { status: 503, kind: "failed" },
  ] as const)("with status $status is $kind", ({ status, kind }) => {
    expect(webhook.judge(answer(status, ""), NOW).kind).toBe(kind);
  });

  it.each([
    { header: "7", wait: 7_000 },
    { header: "Tue, 14 Nov 2023 22:13:50 GMT", wait: 30_000 },
    { header: "999999999", wait: 3_600_000 },
    { header: "soon", wait: undefined },
  ])("asks to wait with Retry-After: $header", ({ header, wait }) => {
    expect(webhook.judge(answer(429, "", header), NOW)).toMatchObject({ kind: "failed", retryAfter: wait });
  });
});
