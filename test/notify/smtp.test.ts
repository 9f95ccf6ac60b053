import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { senderFor } from "../../src/notify/sender.ts";
import { requires } from "../setup/requires.ts";
import { MailServer } from "./mail-server.ts";
import { FAULT, mailChannel, message, TOOK_OVER } from "./samples.ts";

const NOW = () => 1_700_000_000_000;

describe("mail, to a real server", () => {
  let server: MailServer | undefined;
  let closed: MailServer | undefined;

  beforeEach(requires("aiosmtpd"));
  beforeAll(async () => {
    server = await MailServer.start().catch(() => undefined);
    closed = await MailServer.start("auth").catch(() => undefined);
  });
  afterAll(async () => {
    await server?.stop();
    await closed?.stop();
  });

  const send = (changes: Parameters<typeof mailChannel>[1] = {}, built = message([TOOK_OVER]), to = server) =>
    senderFor(mailChannel(to?.port ?? 0, changes), NOW).send(built);

  it("arrives with its subject, its text and a name of its own", async () => {
    expect(await send({ to: ["ops@example.com", "boss@example.com"] })).toEqual({ kind: "delivered" });
    const mail = await server?.mailTo("boss@example.com");
    expect(mail).toMatchObject({
      from: "cloudvip@node-b.example",
      to: ["ops@example.com", "boss@example.com"],
    });
    expect(mail?.headers).toMatchObject({
      subject: "[cloudvip CRITICAL] node-b took over VI_1 (10.0.0.10/32)",
      "message-id": "<0c5f6a3e-0001@cloudvip>",
      "auto-submitted": "auto-generated",
    });
    expect(mail?.text).toContain("Why: BACKUP -> MASTER: the MASTER fell silent");
  });

  it("arrives in Chinese", async () => {
    await send({ to: ["beijing@example.com"] }, message([TOOK_OVER], "zh"));
    const mail = await server?.mailTo("beijing@example.com");
    expect(mail?.headers["subject"]).toBe("[cloudvip 严重] node-b 接管了 VI_1 (10.0.0.10/32)");
  });

  it("logs in where the server asks for it", async () => {
    const login = { user: "cloudvip", password: "right password" };
    expect(await send(login, undefined, closed)).toEqual({ kind: "delivered" });
  });

  it("is refused with a wrong password, which is not shown", async () => {
    const outcome = await send({ user: "cloudvip", password: "wrong password" }, undefined, closed);
    expect(outcome).toMatchObject({ kind: "refused", hint: expect.stringContaining("password") });
    expect(JSON.stringify(outcome)).not.toContain("wrong password");
  });

  it("is tried again where the server asks to come back later", async () => {
    expect(await send({ to: ["greylisted@example.com"] })).toMatchObject({ kind: "failed" });
  });

  it("is refused for a recipient that does not exist", async () => {
    expect(await send({ to: ["unknown@example.com"] })).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("550"),
    });
  });

  it("is rejected where the server does not take the message", async () => {
    const checks = [{ name: "c", ok: false, output: "too large" }];
    expect(await send({}, message([{ ...FAULT, checks }]))).toMatchObject({ kind: "rejected" });
  });

  it("goes nowhere without the encryption that was asked for", async () => {
    const outcome = await send({ tls: "starttls", to: ["secret@example.com"] });
    expect(outcome.kind).not.toBe("delivered");
    expect(server?.mails().flatMap(({ to }) => to)).not.toContain("secret@example.com");
  });

  it("goes to no server on this host unless that is meant", async () => {
    expect(await send({ allowLoopback: false })).toMatchObject({ kind: "refused" });
  });
});

describe("mail, to a server that is none", () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());

  it("is failed", async () => {
    const { port } = server.address() as AddressInfo;
    const outcome = await senderFor(mailChannel(port), NOW).send(message([FAULT]));
    expect(outcome).toMatchObject({ kind: "failed" });
  });
});
