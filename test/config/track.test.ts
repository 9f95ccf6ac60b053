import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { splitCommand } from "../../src/config/command-line.ts";
import { loadConfig } from "../../src/config/load.ts";
import { oneLine, problemsOf, withOptions } from "./snippets.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-track-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function load(text: string) {
  const path = join(folder, "file.yaml");
  await writeFile(path, text);
  const { config, problems } = await loadConfig(path, { env: {} });
  expect(problems).toEqual([]);
  return config;
}

const TIMES = { interval: 1000, timeout: 1000, rise: 1, fall: 1, initFail: false };

describe("a tracker", () => {
  test.each([
    [
      "{ script: '/opt/check \"a b\" c', user: nobody, interval: 2, timeout: 1, rise: 3, fall: 2, init_fail: true }",
      {
        check: {
          kind: "script",
          program: { command: ["/opt/check", "a b", "c"], user: "nobody", group: undefined },
        },
        ...{ interval: 2000, timeout: 1000, rise: 3, fall: 2, initFail: true },
      },
    ],
    ["{ tcp: localhost:80 }", { check: { kind: "tcp", host: "localhost", port: 80 }, ...TIMES }],
    [
      "{ http: http://127.0.0.1/health }",
      {
        check: {
          kind: "http",
          url: "http://127.0.0.1/health",
          status: { min: 200, max: 299 },
          body: undefined,
          verifyCertificate: true,
          warnBeforeExpiry: 14,
        },
        ...TIMES,
      },
    ],
    [
      "{ http: https://127.0.0.1/, status: 200-399, body: ok, tls_verify: false, tls_expiry: 30 }",
      {
        check: {
          kind: "http",
          url: "https://127.0.0.1/",
          status: { min: 200, max: 399 },
          body: "ok",
          verifyCertificate: false,
          warnBeforeExpiry: 30,
        },
        ...TIMES,
      },
    ],
    [
      "{ ping: 10.0.0.1, count: 10, loss: 50 }",
      { check: { kind: "ping", address: "10.0.0.1", count: 10, loss: 50 }, ...TIMES },
    ],
    [
      "{ process: nginx, quorum: 2, interval: 500ms }",
      { check: { kind: "process", process: "nginx", quorum: 2 }, ...TIMES, interval: 500, timeout: 500 },
    ],
    ["{ file: /run/x }", { check: { kind: "file", path: "/run/x" }, ...TIMES }],
    ["{ interface: eth1 }", { check: { kind: "interface", interfaceName: "eth1" }, ...TIMES }],
  ])("%s", async (tracker, expected) => {
    const config = await load(`${withOptions("track: [chk]")}track:\n  chk: ${tracker}\n`);
    expect(config?.trackers).toEqual([{ name: "chk", ...expected }]);
  });

  test("has the weight and direction of the instance, of its own, or of its kind", async () => {
    const text = `${withOptions("track: [a, { name: b, weight: 5 }, { name: c, reverse: false }, f]")}track:
  a: { tcp: 127.0.0.1:1, weight: -30, reverse: true }
  b: { tcp: 127.0.0.1:2, weight: -30 }
  c: { tcp: 127.0.0.1:3, reverse: true }
  f: { file: /run/x }
`;
    const config = await load(text);
    expect(config?.instances[0]?.track).toEqual([
      { name: "a", weight: -30, reverse: true },
      { name: "b", weight: 5, reverse: false },
      { name: "c", weight: 0, reverse: false },
      { name: "f", weight: 1, reverse: false },
    ]);
  });
});

describe("a mistake in a tracker", () => {
  const tracked = (trackers: string, list = "[chk]") =>
    `${withOptions(`track: ${list}`)}track: ${trackers}\n`;
  test.each([
    [
      "looks at nothing",
      tracked("{ chk: { interval: 1 } }"),
      "track.chk: there is nothing to look at; write one of script, tcp, http, ping, process, file, interface",
    ],
    [
      "looks at two things",
      tracked("{ chk: { tcp: 127.0.0.1:1, ping: 10.0.0.1 } }"),
      "track.chk: tcp and ping exclude each other; keep one, and make a tracker of its own of each other",
    ],
    [
      "has an option of another kind",
      tracked("{ chk: { tcp: 127.0.0.1:1, loss: 20 } }"),
      "track.chk.loss: means nothing to a tracker with tcp; remove it",
    ],
    [
      "has rise and a file",
      tracked("{ chk: { file: /run/x, rise: 2 } }"),
      "track.chk.rise: means nothing to a tracker with file; remove it",
    ],
    [
      "has a group alone",
      tracked("{ chk: { script: /opt/x, group: adm } }"),
      "track.chk.group: there is no user beside it; write user too",
    ],
    [
      "has a weight that only a file may have",
      tracked("{ chk: { tcp: 127.0.0.1:1, weight: 254 } }"),
      "track.chk.weight: 254 is beyond 253, the most for anything but a file; write a whole number from -253 to 253",
    ],
    [
      "is given such a weight by an instance",
      tracked("{ chk: { tcp: 127.0.0.1:1 } }", "[{ name: chk, weight: -254 }]"),
      "vrrp_instance.VI_1.track[0].weight: -254 is beyond 253, the most for anything but a file; write a whole number from -253 to 253",
    ],
    [
      "runs a relative path",
      tracked("{ chk: { script: check.sh } }"),
      'track.chk.script: "check.sh" does not begin with an absolute path; write a path that begins with /; no shell reads the command, so for pipes and variables write a script file',
    ],
    [
      "has an open quote",
      tracked("{ chk: { script: '/opt/x \"y' } }"),
      'track.chk.script: "/opt/x" has a quote that is not closed; close it',
    ],
    [
      "has a password in its URL",
      tracked("{ chk: { http: 'http://a:b@10.0.0.1/' } }"),
      "track.chk.http: a health check's URL must hold no password; remove it",
    ],
    [
      "is misspelt where it is used",
      tracked("{ chk_nginx: { tcp: 127.0.0.1:1 } }", "[chk_nginx, chk_ngnix]"),
      "vrrp_instance.VI_1.track[1]: there is no tracker chk_ngnix; did you mean chk_nginx?",
    ],
    [
      "is used twice",
      tracked("{ chk: { tcp: 127.0.0.1:1 } }", "[chk, chk]"),
      "vrrp_instance.VI_1.track[1]: chk is in the list twice; keep one of the two",
    ],
    [
      "is used nowhere",
      tracked("{ chk: { tcp: 127.0.0.1:1 } }", "[]"),
      "track.chk: no instance tracks it, so it is not looked at; write track: [chk] in an instance, or remove it",
    ],
    [
      "has a reserved name",
      tracked("{ __proto__: { tcp: 127.0.0.1:1 } }", "[]"),
      "track.__proto__: __proto__ is a reserved word of JavaScript; write another name",
    ],
  ])("that %s is told", (_what, text, expected) => {
    expect(problemsOf(text).map((problem) => oneLine(problem).replace(/^\S+ \S+ /, ""))).toContain(expected);
  });
});

describe("a command", () => {
  test.each([
    ["/a b  c", ["/a", "b", "c"]],
    ['/a "b c" \'d "e\'', ["/a", "b c", 'd "e']],
    ['/a b\\ c "d\\"e" \'f\\g\'', ["/a", "b c", 'd"e', "f\\g"]],
    ['/a ""', ["/a", ""]],
    ["", []],
    ['/a "b', undefined],
  ])("%s is split as keepalived does", (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });
});
