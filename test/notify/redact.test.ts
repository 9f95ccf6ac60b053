import { describe, expect, it } from "vitest";
import { redactor, withoutUrlSecrets } from "../../src/notify/redact.ts";

describe("a redactor", () => {
  it.each([
    { url: "https://oapi.dingtalk.com/robot/send?access_token=07aa11bb22cc33", secret: "07aa11bb22cc33" },
    { url: "https://hooks.slack.com/services/T0AAAAAA1/B0BBBBBB2/x9y8z7w6v5u4", secret: "x9y8z7w6v5u4" },
    { url: "https://open.feishu.cn/open-apis/bot/v2/hook/1a2b3c4d-5e6f-7081", secret: "1a2b3c4d-5e6f-7081" },
    { url: "https://bob:hunter2secret@hooks.example/in", secret: "hunter2secret" },
  ])("takes the token of $url out of any sentence", ({ url, secret }) => {
    const redact = redactor({ url, secrets: [] });
    for (const text of [
      `connect to ${url} failed`,
      `token ${secret} is wrong`,
      `?t=${encodeURIComponent(secret)}`,
    ]) {
      expect(redact(text)).not.toContain(secret);
    }
    expect(redact(`connect to ${url} failed`)).toContain(new URL(url).hostname);
  });

  it("takes secrets out as they look in a URL too", () => {
    const redact = redactor({ secrets: ["a/b+c=d&e"] });
    expect(redact("x a/b+c=d&e y a%2Fb%2Bc%3Dd%26e z")).toBe("x *** y *** z");
  });

  it("leaves sentences alone when a secret is missing or absurdly short", () => {
    expect(redactor({ secrets: ["", "e"] })("the receiver")).toBe("the receiver");
  });
});

describe("a URL in a text", () => {
  it.each([
    ["GET https://api.example/v1/x?token=abc#frag failed", "GET https://api.example/v1/x?*** failed"],
    ["amqp://user:pass@mq.example:5672/vhost", "amqp://mq.example:5672/vhost"],
    ["see https://example.com/docs", "see https://example.com/docs"],
    ["10.0.0.10/32 is no URL", "10.0.0.10/32 is no URL"],
  ])("%s loses user, password and query", (text, clean) => {
    expect(withoutUrlSecrets(text)).toBe(clean);
  });

  it("of any length is read in time proportional to it", () => {
    const long = `https://${"a:".repeat(50_000)}`;
    expect(withoutUrlSecrets(long).length).toBeLessThanOrEqual(long.length);
  });
});
