import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForbiddenAddress, refuseForbidden } from "../../src/notify/forbidden-addresses.ts";
import { postHttp } from "../../src/notify/http-post.ts";
import { senderFor } from "../../src/notify/sender.ts";
import { Receiver } from "./receiver.ts";
import { FAULT, httpChannel, message, TOOK_OVER } from "./samples.ts";

const HERE = { allowLoopback: true };
const NOW = () => 1_700_000_000_000;

let receiver: Receiver;

beforeEach(async () => {
  receiver = await Receiver.open();
});

afterEach(() => receiver.close());

/** For receivers that never come to an end. */
const SHORT_MS = 200;

const post = (url: string, deadlineMs?: number) =>
  postHttp({ url, headers: { "x-test": "1" }, body: "{}" }, HERE, deadlineMs);
const send = (changes: Parameters<typeof httpChannel>[0] = {}) =>
  senderFor(httpChannel({ url: receiver.url(), ...changes }), NOW).send(message([FAULT]));

describe("a post", () => {
  it("arrives with its headers and its body", async () => {
    expect(await post(receiver.url("/in?a=b"))).toEqual({ status: 200, body: "ok", retryAfter: undefined });
    expect(receiver.received).toMatchObject([
      {
        path: "/in?a=b",
        body: "{}",
        headers: { "x-test": "1", "content-length": "2", "user-agent": "cloudvip" },
      },
    ]);
  });

  it("reads the beginning of an answer without end", async () => {
    receiver.answers((response) => {
      const flood = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        response.once("drain", flood);
      };
      flood();
    });
    const answer = await post(receiver.url());
    expect(answer.body.length).toBe(64 * 1024);
  });

  it("follows no redirect, not even one that never ends", async () => {
    receiver.answers((response) => response.writeHead(307, { location: receiver.url() }).end());
    expect(await send()).toMatchObject({
      kind: "refused",
      why: "HTTP 307, a redirect, which is not followed",
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("gives up a receiver that does not answer", async () => {
    receiver.answers(() => {});
    await expect(post(receiver.url(), SHORT_MS)).rejects.toThrow("no answer within 0.2 s");
  });

  it("takes the status of a receiver that drips, and does not wait for the rest", {
    timeout: 20_000,
  }, async () => {
    receiver.answers((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("o"), 10);
      response.on("close", () => clearInterval(drip));
    });
    expect(await post(receiver.url(), SHORT_MS)).toMatchObject({ status: 200 });
  });

  it("gives up a receiver whose headers drip", async () => {
    receiver.answers((response) => {
      const socket = response.socket;
      socket?.write("HTTP/1.1 200 OK\r\nx-slow: ");
      const drip = setInterval(() => socket?.write("o"), 10);
      socket?.on("close", () => clearInterval(drip));
    });
    await expect(post(receiver.url(), SHORT_MS)).rejects.toThrow("no answer within");
  });

  it("that is cut off is failed", async () => {
    receiver.answers((response) => response.socket?.destroy());
    expect(await send()).toMatchObject({ kind: "failed" });
  });

  it("to nobody is failed", async () => {
    const url = receiver.url();
    await receiver.close();
    expect(await senderFor(httpChannel({ url }), NOW).send(message([FAULT]))).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("ECONNREFUSED"),
    });
    receiver = await Receiver.open();
  });

  it("trusts no certificate that signed itself", async () => {
    const tls = await Receiver.openSelfSigned();
    const outcome = await send({ url: `https://localhost:${tls.port}/hook/6f1c2d3e4b5a69788796` });
    expect(outcome).toMatchObject({ kind: "refused", why: expect.stringContaining("certificate") });
    expect(tls.received).toEqual([]);
    await tls.close();
  });
});

describe("a receiver that answers 200", () => {
  it.each([
    { type: "dingtalk", body: '{"errcode":310000,"errmsg":"keywords not in content"}' },
    { type: "feishu", body: '{"code":19021,"msg":"sign match fail"}' },
    { type: "wecom", body: '{"errcode":93000,"errmsg":"invalid webhook url"}' },
  ] as const)("and an error of $type has not taken the message", async ({ type, body }) => {
    receiver.says(body);
    expect(await send({ type })).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/^error \d+: /),
    });
  });

  it("waits as long as a receiver asks that is asked too often", async () => {
    receiver.answers((response) => response.writeHead(429, { "retry-after": "7" }).end());
    expect(await send()).toMatchObject({ kind: "failed", retryAfter: 7_000 });
  });

  it("is tried again by itself where the receiver is broken", async () => {
    receiver.answers((response) => response.writeHead(500).end("oops"));
    expect(await send()).toEqual({ kind: "failed", why: "HTTP 500: oops", retryAfter: undefined });
  });

  it("checks the signature of a whole message as DingTalk does", async () => {
    receiver.says('{"errcode":0,"errmsg":"ok"}');
    const channel = httpChannel({
      type: "dingtalk",
      url: receiver.url("/robot/send?access_token=T"),
      secret: "SECtest",
    });
    expect(await senderFor(channel, NOW).send(message([TOOK_OVER]))).toEqual({ kind: "delivered" });
    const { searchParams } = new URL(receiver.received[0]?.path ?? "", "http://here");
    expect(Object.fromEntries(searchParams)).toEqual({
      access_token: "T",
      timestamp: "1700000000000",
      sign: "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=",
    });
  });
});

describe("an address that no message belongs to", () => {
  it.each([
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "224.0.0.18",
    "fe80::1",
    "fd00:ec2::254",
    "::",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
  ])("is refused: %s", (address) => {
    expect(() => refuseForbidden(address, HERE)).toThrow(ForbiddenAddress);
  });

  it.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])(
    "is this host, unless that is meant: %s",
    (address) => {
      expect(() => refuseForbidden(address, { allowLoopback: false })).toThrow("is this host itself");
      expect(() => refuseForbidden(address, HERE)).not.toThrow();
    },
  );

  it("is found behind a name and behind odd ways to write it", async () => {
    for (const host of ["localhost", "127.1", "0x7f.0.0.1", "2130706433", "[::1]"]) {
      const outcome = await send({ url: `http://${host}:${receiver.port}/`, allowLoopback: false });
      expect(outcome).toMatchObject({ kind: "refused", why: expect.stringContaining("is this host itself") });
    }
    expect(receiver.received).toEqual([]);
  });
});

describe("what a channel says of its trouble", () => {
  const secret = "6f1c2d3e4b5a69788796";

  it.each([
    [
      "a receiver that repeats the request",
      () => receiver.says(`{"errcode":310000,"errmsg":"bad token ${secret}"}`),
    ],
    ["a receiver that answers 404", () => receiver.answers((r) => r.writeHead(404).end(`no hook ${secret}`))],
    ["a receiver that hangs up", () => receiver.answers((r) => r.socket?.destroy())],
  ])("holds no secret with %s", async (_, prepare) => {
    prepare();
    const outcome = await send({ type: "dingtalk", secret: "SECnevershown" });
    expect(outcome.kind).not.toBe("delivered");
    expect(JSON.stringify(outcome)).not.toContain(secret);
    expect(JSON.stringify(outcome)).not.toContain("SECnevershown");
  });
});
