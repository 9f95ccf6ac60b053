import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watch } from "../../src/commands/watch.ts";
import type { PacketReport } from "../../src/observe/packet-report.ts";
import { ethernet, ipv4, pcap, pcapng, V2_MESSAGE, V3_MESSAGE } from "../observe/capture-files.ts";
import { patched } from "../vrrp/bytes.ts";
import { CapturedOutput } from "./captured-output.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudvip-watch-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const GOOD = ethernet(ipv4(V2_MESSAGE));
const BAD = ethernet(ipv4(patched(V3_MESSAGE, { 2: 9 })));
const ARP = ethernet(new Uint8Array(46), "0806");
const TCP = ethernet(patched(ipv4(V3_MESSAGE), { 9: 6 }));

describe("watch --read", () => {
  test.each([
    ["pcap", pcap],
    ["pcapng", pcapng],
  ])("prints one line for each VRRP packet of a %s file, and sums up", async (_, write) => {
    const { exit, out, err } = await read(write([GOOD, ARP, BAD, TCP]));
    expect(exit).toBe(0);
    expect(out.lines).toEqual([
      expect.stringMatching(/^2026-11-20T12:00:00\.123Z {2}10\.9\.0\.1 .* 10\.9\.0\.100 10\.9\.0\.101/),
      expect.stringMatching(/^2026-11-20T12:00:02\.123Z {2}10\.9\.0\.1 .* REFUSED checksum: /),
    ]);
    expect(err.lines).toEqual([
      "2 VRRP packets, 1 refused",
      "       2  from 10.9.0.1",
      "       1  refused: checksum",
    ]);
  });

  test("--json prints one object a line, and the summary apart", async () => {
    const { out, err } = await read(pcap([GOOD, BAD]), { json: true });
    const reports = out.lines.map((line) => JSON.parse(line) as PacketReport);
    expect(reports).toMatchObject([
      { time: "2026-11-20T12:00:00.123456Z", version: 2, virtualRouterId: 51, valid: true, reason: null },
      { version: 3, virtualRouterId: 52, valid: false, reason: { code: "checksum" } },
    ]);
    expect(err.lines[0]).toBe("2 VRRP packets, 1 refused");
  });

  test("marks refused packets red on a terminal", async () => {
    vi.stubEnv("NO_COLOR", undefined);
    const plain = await read(pcap([GOOD, BAD]));
    const colored = await read(pcap([GOOD, BAD]), { isTTY: true });
    expect(colored.out.lines[0]).toBe(plain.out.lines[0]);
    expect(colored.out.lines[1]?.startsWith("\x1b[31m")).toBe(true);
    expect(stripVTControlCharacters(colored.out.text)).toBe(plain.out.text);
  });

  test("of a file without VRRP says that there was none", async () => {
    const { exit, out, err } = await read(pcap([ARP, TCP]));
    expect({ exit, out: out.text, err: err.text }).toEqual({
      exit: 0,
      out: "",
      err: "0 VRRP packets, 0 refused\n",
    });
  });

  test("of a file that ends early shows what is there, sums up, and fails", async () => {
    const file = pcap([GOOD, BAD]);
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    const path = saved(file.subarray(0, file.length - 1));
    await expect(watch({ read: path, out, err })).rejects.toMatchObject({
      code: "watch/bad-capture-file",
      message: "the capture file ends in the middle of packet 2",
    });
    expect(out.lines).toHaveLength(1);
    expect(err.lines[0]).toBe("1 VRRP packet, 0 refused");
  });

  test.each([
    ["is no capture", () => saved(Buffer.from("VRRP")), "watch/bad-capture-file", /neither pcap nor pcapng/],
    ["is not there", () => join(directory, "none.pcap"), "watch/cannot-read", /ENOENT/],
    ["is a directory", () => directory, "watch/cannot-read", /EISDIR/],
    ["is too large", () => sparse(600 * 1024 * 1024), "watch/cannot-read", /larger than 512 MiB/],
    [
      "has frames of another link type",
      () => saved(pcap([GOOD], { linkType: 105 })),
      "watch/bad-capture-file",
      /link type 105/,
    ],
  ])("of a file that %s fails with one clear error and nothing else", async (_, path, code, message) => {
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    await expect(watch({ read: path(), out, err })).rejects.toMatchObject({
      name: "OperatorError",
      code,
      message: expect.stringMatching(message),
    });
    expect(out.text + err.text).toBe("");
  });
});

describe("watch on the wire", () => {
  test("of an interface that is missing fails with one clear error", async () => {
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    await expect(watch({ interface: "none0", out, err })).rejects.toMatchObject({
      code: "linux/no-interface",
      message: "there is no network interface none0",
    });
    expect(out.text + err.text).toBe("");
  });
});

async function read(file: Uint8Array, { json = false, isTTY = false } = {}) {
  const [out, err] = [new CapturedOutput({ isTTY }), new CapturedOutput()];
  return { exit: await watch({ read: saved(file), json, out, err }), out, err };
}

function saved(file: Uint8Array): string {
  const path = join(directory, "capture");
  writeFileSync(path, file);
  return path;
}

function sparse(size: number): string {
  const path = saved(new Uint8Array(0));
  truncateSync(path, size);
  return path;
}
