import { describe, expect, it } from "vitest";
import { signDingtalk, signFeishu, signWebhook } from "../../src/notify/signature.ts";

describe("a signature", () => {
  it("of DingTalk is keyed with the secret", () => {
    expect(signDingtalk("SECtest", 1_700_000_000_000)).toBe("aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=");
  });

  it("of Feishu is keyed with time and secret over an empty message", () => {
    expect(signFeishu("demo", 1_599_360_473)).toBe("l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
  });

  it("of a webhook is the HMAC that a receiver makes of time and body", () => {
    // printf '1700000000.{"version":1}' | openssl dgst -sha256 -hmac key
    expect(signWebhook("key", 1_700_000_000, '{"version":1}')).toBe(
      "t=1700000000,v1=80058724fbd6eb86d914db9b9878a871d9f90c1568c4870915228aeae5491498",
    );
  });
});
