import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { check } from "../../src/commands/check.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-check-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function checked(text: string, options: { json?: boolean; isTTY?: boolean } = {}) {
  const config = join(folder, "cloudvip.yaml");
  await writeFile(config, text);
  const written: string[] = [];
  const out = { write: (chunk: string) => written.push(chunk), isTTY: options.isTTY };
  const code = await check({ config, out, json: options.json ?? false });
  return { code, output: written.join("").replaceAll(`${folder}/`, "") };
}

const GOOD = `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    priority: 150
    unicast_src_ip: 10.0.0.4
    unicast_peer: [10.0.0.5, 10.0.0.6]
    virtual_ipaddress: [10.0.0.10/24]
`;

describe("cloudvip check", () => {
  test("of a good file says what it would do, and exits with 0", async () => {
    expect(await checked(GOOD)).toEqual({
      code: 0,
      output: `cloudvip.yaml can be used: no errors, no warnings
  VI_1: VRRPv3, virtual router 51 on eth0 from 10.0.0.4, priority 150, 2 peers: 10.0.0.5, 10.0.0.6
        10.0.0.10/24; adverts every 1 s, takeover after 3.414 s of silence
`,
    });
  });

  test("of a sync group says who moves together", async () => {
    const second = GOOD.split("\n")
      .slice(1)
      .join("\n")
      .replace("VI_1", "VI_2")
      .replace("51", "52")
      .replace(".10/", ".11/");
    const { output } = await checked(`${GOOD}${second}vrrp_sync_group:\n  VG1: { group: [VI_1, VI_2] }\n`);
    expect(output).toMatch(/\n {2}sync group VG1: VI_1, VI_2 are MASTER together, or none of them\n$/);
  });

  test("of a bad file shows every mistake with its line, and exits with 1", async () => {
    const text = `${GOOD}    priorty: 1\n    preempt: no\n`.replace("51", "300");
    expect(await checked(text)).toEqual({
      code: 1,
      output: `cloudvip.yaml:4:24  error    vrrp_instance.VI_1.virtual_router_id: 300 is above 255; write a whole number from 1 to 255
  4 |     virtual_router_id: 300
    |                        ^^^
cloudvip.yaml:9:5  error    vrrp_instance.VI_1.priorty: there is no option "priorty" here; did you mean priority?
  9 |     priorty: 1
    |     ^^^^^^^
cloudvip.yaml:10:14  error    vrrp_instance.VI_1.preempt: "no" is text; write false, without quotes
  10 |     preempt: no
     |              ^^
cloudvip.yaml cannot be used: 3 errors, no warnings
`,
    });
  });

  test("of a file with warnings shows them, and exits with 0", async () => {
    const { code, output } = await checked(`${GOOD}    preempt: false\n    preempt_delay: 5\n`);
    expect(code).toBe(0);
    expect(output).toContain("cloudvip.yaml:10:20  warning  vrrp_instance.VI_1.preempt_delay: has no effect");
    expect(output).toContain("cloudvip.yaml can be used: no errors, 1 warning\n  VI_1: ");
  });

  test("of a file that is not there exits with 1", async () => {
    const written: string[] = [];
    expect(
      await check({
        config: join(folder, "none.yaml"),
        out: { write: (text: string) => written.push(text) },
      }),
    ).toBe(1);
    expect(written.join("")).toContain("none.yaml cannot be used: 1 error, no warnings\n");
  });

  test("shows no line that may hold a password", async () => {
    const secrets = [
      "    authentication: { auth_type: AH, auth_pass: hunter2 }\n",
      "    auth_pass: hunter2\n",
      "    authentication: { auth_pass:\n      hunter2 hunter2 }\n",
      "    authentication: { auth_pass: 'hunter2\n",
      "    authentication:\n      auth_pass: hunter2\n      auth_type: @\n",
    ];
    for (const secret of secrets) {
      const { code, output } = await checked(GOOD + secret);
      expect(code).toBe(1);
      expect(output).not.toContain("hunter2");
      expect((await checked(GOOD + secret, { json: true })).output).not.toContain("hunter2");
    }
  });

  test("sends no control characters of the file to the terminal", async () => {
    const { output } = await checked(`${GOOD}    "\\e[31mred": "\u009b1m"\n`);
    expect(output.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  test("is coloured on a terminal only, and not against the reader's will", async () => {
    vi.stubEnv("NO_COLOR", "");
    const bad = GOOD.replace("51", "0");
    expect((await checked(bad)).output).not.toContain("\x1b");
    expect((await checked(bad, { isTTY: true })).output).toContain("\x1b[31merror");
    vi.stubEnv("NO_COLOR", "1");
    expect((await checked(bad, { isTTY: true })).output).not.toContain("\x1b");
  });

  test("counts long lists instead of showing them", async () => {
    const peers = Array.from({ length: 9 }, (_, index) => `10.0.1.${index + 1}`).join(", ");
    const { output } = await checked(GOOD.replace("10.0.0.5, 10.0.0.6", peers));
    expect(output).toContain("9 peers: 10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4 and 5 more\n");
  });

  test("with --json is one object for programs", async () => {
    const good = await checked(GOOD, { json: true });
    expect(JSON.parse(good.output)).toMatchObject({
      version: 1,
      ok: true,
      problems: [],
      instances: [
        {
          name: "VI_1",
          interface: "eth0",
          virtualRouterId: 51,
          sourceAddress: "10.0.0.4",
          peers: ["10.0.0.5", "10.0.0.6"],
          virtualAddresses: ["10.0.0.10/24"],
          advertIntervalMs: 1000,
          masterDownMs: 3414.0625,
        },
      ],
    });
    const bad = await checked(GOOD.replace("51", "0"), { json: true });
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.output)).toMatchObject({
      ok: false,
      instances: [],
      problems: [
        {
          severity: "error",
          line: 4,
          column: 24,
          path: "vrrp_instance.VI_1.virtual_router_id",
          value: "0",
          message: "0 is below 1",
          fix: "write a whole number from 1 to 255",
        },
      ],
    });
  });
});
