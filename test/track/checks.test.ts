import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseIp } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import type { HttpCheckConfig } from "../../src/config/track-config.ts";
import type { CheckPorts, EchoReply, Finding } from "../../src/track/check.ts";
import { FileCheck } from "../../src/track/checks/file.ts";
import { HttpCheck } from "../../src/track/checks/http.ts";
import { PingCheck, Pinger } from "../../src/track/checks/ping.ts";
import { ProcessCheck, ProcessTable } from "../../src/track/checks/process.ts";
import { TcpCheck } from "../../src/track/checks/tcp.ts";
import { TimeLimit } from "../../src/track/time-limit.ts";
import { Tracker, type TrackerReport } from "../../src/track/tracker.ts";
import { waitFor } from "../lab/wait-for.ts";
import { closedPort, type TestServer, tcpServer, webServer } from "./servers.ts";

const NEVER = new TimeLimit();
let servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function running(server: Promise<TestServer>): Promise<number> {
  const started = await server;
  servers.push(started);
  return started.port;
}

describe("a tcp check", () => {
  it("succeeds where somebody listens", async () => {
    const port = await running(tcpServer(() => {}));
    expect(await new TcpCheck({ host: "127.0.0.1", port }).run(NEVER)).toEqual({
      ok: true,
      detail: "connected",
    });
  });

  it("finds a name of /etc/hosts without a name server", async () => {
    const port = await running(tcpServer(() => {}));
    expect(await new TcpCheck({ host: "localhost", port }).run(NEVER)).toMatchObject({ ok: true });
  });

  it("fails where nobody does", async () => {
    const { ok, detail } = await new TcpCheck({ host: "127.0.0.1", port: await closedPort() }).run(NEVER);
    expect(ok).toBe(false);
    expect(detail).toContain("ECONNREFUSED");
  });
});

describe("an http check", () => {
  const look = (port: number, config: Partial<HttpCheckConfig> = {}, limit = NEVER): Promise<Finding> =>
    new HttpCheck({
      kind: "http",
      url: `http://127.0.0.1:${port}/health`,
      status: { min: 200, max: 299 },
      body: undefined,
      verifyCertificate: true,
      warnBeforeExpiry: 14,
      ...config,
    }).run(limit);

  it("succeeds with the right status and text", async () => {
    const port = await running(webServer((_request, response) => response.end("all ok here")));
    expect(await look(port, { body: "ok" })).toMatchObject({ ok: true, detail: "status 200" });
  });

  it("fails when the text is not there", async () => {
    const port = await running(webServer((_request, response) => response.end("sorry")));
    expect(await look(port, { body: "ok" })).toMatchObject({
      ok: false,
      detail: 'status 200, but the answer does not hold "ok"',
    });
  });

  it("fails with another status, and takes one that was asked for", async () => {
    const port = await running(webServer((_request, response) => response.writeHead(503).end()));
    expect(await look(port)).toMatchObject({ ok: false, detail: "status 503" });
    expect(await look(port, { status: { min: 500, max: 599 } })).toMatchObject({ ok: true });
  });

  it("does not follow a redirect, so none leads it in circles", async () => {
    let requests = 0;
    const port = await running(
      webServer((_request, response) => {
        requests += 1;
        response.writeHead(302, { Location: "/health" }).end();
      }),
    );
    expect(await look(port)).toMatchObject({ ok: false, detail: "status 302" });
    expect(requests).toBe(1);
  });

  it("reads no more of an endless answer than its beginning", async () => {
    let sent = 0;
    const port = await running(
      webServer((_request, response) => {
        const chunk = Buffer.alloc(64 * 1024, "x");
        const pump = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on("drain", pump);
        pump();
      }),
    );
    expect(await look(port, { body: "ok" })).toMatchObject({ ok: false });
    expect(sent).toBeLessThan(50_000_000);
  });

  it("holds a tracker up no longer than its timeout while the server drips a body", async () => {
    const port = await running(
      webServer((_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write("o"), 20);
        response.once("close", () => clearInterval(timer));
      }),
    );
    const check = new HttpCheck({
      ...{ kind: "http", url: `http://127.0.0.1:${port}/`, status: { min: 200, max: 299 }, body: "never" },
      ...{ verifyCertificate: true, warnBeforeExpiry: 14 },
    });
    const reports: TrackerReport[] = [];
    const tracker = new Tracker(
      {
        ...{
          name: "chk",
          check: { kind: "tcp", host: "127.0.0.1", port },
          initFail: false,
          rise: 1,
          fall: 1,
        },
        ...{ interval: millis(60_000), timeout: millis(200) },
      },
      check,
      { report: (report) => reports.push(report), known: undefined, delayMs: 0 },
    );
    await waitFor(() => reports.length > 0, { what: "a result" });
    tracker.close();
    expect(reports).toMatchObject([{ name: "chk", state: { kind: "down" } }]);
  });

  it("is ended by its timeout while the server drips", async () => {
    const port = await running(
      tcpServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const timer = setInterval(() => socket.write("X: y\r\n"), 20);
        socket.once("close", () => clearInterval(timer));
      }),
    );
    const limit = new TimeLimit();
    const finding = look(port, {}, limit);
    limit.end();
    expect(await finding).toMatchObject({ ok: false });
  });

  it.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X: yyyyyyyyyy\r\n".repeat(10_000)}`],
    ["nothing", ""],
  ])("fails when it is answered with %s", async (_what, answer) => {
    const port = await running(tcpServer((socket) => socket.end(answer)));
    expect(await look(port)).toMatchObject({ ok: false });
  });
});

describe("a ping check", () => {
  const ADDRESS = parseIp("192.0.2.1");
  if (!ADDRESS) throw new Error("no address");
  const settings = { address: ADDRESS, count: 4, loss: 50 };

  /** Answers as many as it is told. */
  function pinger(answers: number, refusal?: string) {
    let reply: (reply: EchoReply) => void = () => {};
    let left = answers;
    const openIcmp: CheckPorts["openIcmp"] = (onReply) => {
      reply = onReply;
      return {
        ping: (from, sequence) => {
          if (refusal) return refusal;
          if (left-- > 0) queueMicrotask(() => reply({ from, sequence }));
          return undefined;
        },
        close: () => {},
      };
    };
    return new Pinger(openIcmp);
  }

  it("succeeds as soon as every ping is answered", async () => {
    expect(await new PingCheck(settings, pinger(4)).run(NEVER)).toEqual({
      ok: true,
      detail: "0 of 4 pings lost",
    });
  });

  it.each([
    [3, true, "1 of 4 pings lost"],
    [2, false, "2 of 4 pings lost"],
    [0, false, "4 of 4 pings lost"],
  ])("judges by the loss at its timeout: %d answers", async (answers, ok, detail) => {
    const limit = new TimeLimit();
    const finding = new PingCheck(settings, pinger(answers)).run(limit);
    setTimeout(() => limit.end(), 100);
    expect(await finding).toEqual({ ok, detail });
  });

  it("says why the kernel sent none", async () => {
    const limit = new TimeLimit();
    const finding = new PingCheck(settings, pinger(0, "ENETUNREACH")).run(limit);
    setTimeout(() => limit.end(), 100);
    expect(await finding).toEqual({ ok: false, detail: "4 of 4 pings lost (ENETUNREACH)" });
  });

  it("fails where no socket may be opened", async () => {
    const refused = new Pinger(() => {
      throw new Error("no CAP_NET_RAW");
    });
    await expect(new PingCheck(settings, refused).run(NEVER)).rejects.toThrow("no CAP_NET_RAW");
  });
});

describe("a process check", () => {
  it("sees a process come and go, and not one that is dead and unburied", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cloudvip-process-"));
    const name = `cvp${process.pid}`;
    await copyFile("/bin/sleep", join(folder, name));
    const check = new ProcessCheck({ process: name, quorum: 1 }, new ProcessTable());
    expect(await check.run()).toEqual({ ok: false, detail: `no process ${name}` });
    // The parent becomes a program that never waits for its child.
    const parent = spawn("sh", ["-c", `${folder}/${name} 3600 & echo $!; exec sleep 3600`]);
    const [pid] = await once(parent.stdout, "data");
    await waitFor(async () => (await check.run()).ok, { what: "the process to be seen" });
    process.kill(Number(pid), "SIGKILL");
    await waitFor(async () => !(await check.run()).ok, { what: "its end to be seen" });
    parent.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  it("fails for one that does not run", async () => {
    const check = new ProcessCheck({ process: "no-such-thing", quorum: 1 }, new ProcessTable());
    expect(await check.run()).toEqual({ ok: false, detail: "no process no-such-thing" });
  });

  it("counts them", async () => {
    const check = new ProcessCheck({ process: "no-such-thing", quorum: 3 }, new ProcessTable());
    expect(await check.run()).toEqual({ ok: false, detail: "0 of 3 processes no-such-thing" });
  });
});

describe("a file check", () => {
  it.each([
    ["5\n", 5],
    ["  -12 and more", -12],
    ["0x10", 16],
    ["010", 8],
    ["+3", 3],
    ["three", 0],
    ["", 0],
    ["-", 0],
  ])("reads %j as strtol does", async (text, value) => {
    const folder = await mkdtemp(join(tmpdir(), "cloudvip-file-"));
    await writeFile(join(folder, "number"), text);
    expect(await new FileCheck(join(folder, "number")).run()).toMatchObject({
      value,
      detail: `holds ${value}`,
    });
    await rm(folder, { recursive: true });
  });

  it("takes a file that is not there for 0", async () => {
    expect(await new FileCheck("/nowhere/at/all").run()).toMatchObject({ value: 0 });
  });

  it("hears of a change at once", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cloudvip-file-"));
    const path = join(folder, "number");
    const check = new FileCheck(path);
    let changes = 0;
    check.watch(() => {
      changes += 1;
    });
    await writeFile(path, "1");
    await waitFor(() => changes > 0, { what: "inotify to tell" });
    await waitFor(async () => (await check.run())?.value === 1, { what: "the new number" });
    check.close();
    await rm(folder, { recursive: true });
  });
});
