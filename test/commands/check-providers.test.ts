import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check } from "../../src/commands/check.ts";
import { providerMistakes } from "../../src/commands/check-providers.ts";
import { oneLine, withOptions } from "../config/snippets.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-providers-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function json(text: string) {
  const config = join(folder, "cloudvip.yaml");
  await writeFile(config, text);
  const written: string[] = [];
  const code = await check({ config, json: true, out: { write: (chunk) => written.push(chunk) } });
  return { code, ...JSON.parse(written.join("")) };
}

/** What is found in the options of VI_1's provider, as lines with paths relative to it; the block begins on line 8. */
async function found(...block: readonly string[]): Promise<readonly string[]> {
  const { problems } = await json(withOptions(["provider:", ...block.map((line) => `  ${line}`)].join("\n")));
  return problems.map((problem: Parameters<typeof oneLine>[0]) =>
    oneLine(problem).replace("vrrp_instance.VI_1.", "").replaceAll(folder, "DIR"),
  );
}

describe("the options of aws", () => {
  test("that are sound pass, and the summary names the provider", async () => {
    const good = "provider: { name: aws, mechanism: secondary-ip, region: eu-central-1 }";
    expect(await json(withOptions(good))).toMatchObject({
      code: 0,
      problems: [],
      instances: [{ name: "VI_1", provider: "aws" }],
    });
  });

  test("need a mechanism, and every one is named", async () => {
    const choice = "write one of secondary-ip, elastic-ip, route, network-interface";
    expect(await found("name: aws")).toEqual([`8:5 error provider.mechanism: is missing; ${choice}`]);
    expect(await found("name: aws", "mechanism: eni")).toEqual([
      `10:18 error provider.mechanism: "eni" is not among the values; ${choice}`,
    ]);
    expect(await found("name: aws", "mechanism: 5")).toEqual([
      `10:18 error provider.mechanism: 5 is a number; ${choice}`,
    ]);
    expect(await found("name: aws", "mechanism:")).toEqual([
      `10:7 error provider.mechanism: has no value; ${choice}`,
    ]);
  });

  test("are all told at once, each on its line", async () => {
    const lines = [
      "name: aws",
      "mechanism: route",
      "route_tables: [rtb-0a1b, vpc-7]",
      "regoin: eu-central-1",
      "request_timeout: 100",
      "connect_timeout: 1s",
      "endpoint: nowhere",
    ];
    expect(await found(...lines)).toEqual([
      `11:32 error provider.route_tables[1]: "vpc-7" is refused: a route table's id looks like rtb-0123456789abcdef0; write what providers/aws/README.md shows`,
      `12:7 error provider.regoin: there is no option "regoin" here; did you mean region?`,
      `13:24 error provider.request_timeout: 100 is above 60; write a number from 0.2 to 60`,
      `14:24 error provider.connect_timeout: "1s" is text; write a number from 0.1 to 10`,
      `15:17 error provider.endpoint: "nowhere" is not of the form url; write a URL such as https://api.example.com`,
    ]);
  });

  test("of another mechanism, of every provider or of the instance are sent where they belong", async () => {
    const lines = [
      "name: aws",
      "mechanism: elastic-ip",
      "route_tables: []",
      "verify_intervall: 5",
      "priority: 100",
    ];
    expect(await found(...lines)).toEqual([
      `11:7 error provider.route_tables: there is no option "route_tables" here; remove it: it belongs to mechanism: route`,
      `12:7 error provider.verify_intervall: there is no option "verify_intervall" here; did you mean verify_interval?`,
      `13:7 error provider.priority: there is no option "priority" here; move it to the instance, below vrrp_instance: NAME:`,
    ]);
  });

  test("that are missing say what to write", async () => {
    expect(await found("name: aws", "mechanism: route")).toEqual([
      "8:5 error provider.route_tables: is missing; write a list: every table whose subnets must reach the VIPs",
    ]);
    expect(await found("name: aws", "mechanism: route", "route_tables: []")).toEqual([
      "11:21 error provider.route_tables: the list is empty; write a list",
    ]);
    expect(await found("name: aws", "mechanism: network-interface")).toEqual([
      "8:5 error provider.network_interface: is missing; write what providers/aws/README.md shows: the interface that moves; never a primary one",
    ]);
  });

  test("with addresses as keys have mistakes there, too", async () => {
    const lines = [
      "name: aws",
      "mechanism: elastic-ip",
      "private_addresses: { 1.2.3: 10.0.0.4, 198.51.100.1: 7 }",
    ];
    expect(await found(...lines)).toEqual([
      `11:28 error provider.private_addresses.1.2.3: "1.2.3" is refused: not an IP address; write what providers/aws/README.md shows`,
      `11:59 error provider.private_addresses.198.51.100.1: 7 is a number; write it in quotes: "7"`,
    ]);
  });
});

test("the options of huaweicloud are checked by its mechanism", async () => {
  const lines = [
    "name: huaweicloud",
    "mechanism: virtual-ip",
    "exclusive: yes",
    "credentials: role",
    "next_hop: eni",
  ];
  expect(await found(...lines)).toEqual([
    `11:18 error provider.exclusive: "yes" is text; write true, without quotes`,
    `12:20 error provider.credentials: "role" is not among the values; write one of agency, environment`,
    `13:7 error provider.next_hop: there is no option "next_hop" here; remove it: it belongs to mechanism: route`,
  ]);
});

test("the options of exec name a program by its path", async () => {
  expect(await found("name: exec", "command: [acme, '']", "kind: probe")).toEqual([
    "10:16 error provider.command: the program must be an absolute path; write a list",
    "10:23 error provider.command[1]: the text is empty; write what providers/exec/README.md shows",
    `11:13 error provider.kind: "probe" is not among the values; write one of move, claim`,
  ]);
  expect(await found("name: exec", "command: /bin/true")).toEqual([
    `10:16 error provider.command: "/bin/true" is text; write a list`,
  ]);
});

test("a provider's options are checked beside other mistakes of the file", async () => {
  const text = withOptions("provider: { name: aws }\npreempt: 1").replace("51", "0");
  const { code, instances, problems } = await json(text);
  expect(code).toBe(1);
  expect(instances).toEqual([]);
  expect(problems.map(({ path }: { path: string }) => path.replace("vrrp_instance.VI_1.", ""))).toEqual([
    "virtual_router_id",
    "provider.mechanism",
    "preempt",
  ]);
});

describe("a provider", () => {
  const anywhere = "aws, exec, huaweicloud, an installed npm package, or the absolute path of a module";

  test("that does not exist is a mistake at its name", async () => {
    expect(await found("name: awz")).toEqual([
      "9:13 error provider.name: there is no provider awz; did you mean aws?",
    ]);
    expect(await found("name: openstack-not-there")).toEqual([
      `9:13 error provider.name: there is no provider openstack-not-there; write one of ${anywhere}`,
    ]);
    expect(await found(`name: ${folder}/none.mjs`)).toEqual([
      `9:13 error provider.name: there is no provider DIR/none.mjs; write one of ${anywhere}`,
    ]);
  });

  test("without a name is told once, and so is a name that cannot be one", async () => {
    expect(await found("mechanism: route")).toHaveLength(1);
    expect(await found("name: ./acme.mjs")).toEqual([
      `9:13 error provider.name: "./acme.mjs" is no absolute path; write a path that begins with /`,
    ]);
    expect(await found("name: 'data:text/javascript,process.exit(0)'")).toHaveLength(1);
    expect(await found("name: 'node:fs'")).toHaveLength(1);
  });
});

describe("a module of somebody else", () => {
  let modules = 0;

  /** A module is loaded once in a process, so each test has its own. */
  async function moduleWith(text: string): Promise<string> {
    const path = join(folder, `${++modules}.mjs`);
    await writeFile(path, text);
    return path;
  }

  const withSchema = (safeParse: string) =>
    `export const provider = { kindOf() {}, create() {}, options: { safeParse: ${safeParse} } };`;

  test("that throws while it is loaded is no misspelling", async () => {
    const path = await moduleWith("throw new Error('no licence')");
    expect(await found(`name: ${path}`)).toEqual([
      `9:13 error provider.name: the provider DIR/1.mjs fails while it is loaded: no licence; mend that module, or write another provider`,
    ]);
    expect(await found(`name: ${await moduleWith("throw null")}`)).toEqual([
      expect.stringContaining("2.mjs fails while it is loaded: null; "),
    ]);
    const [broken] = await found(`name: ${await moduleWith("export const = 1")}`);
    expect(broken).toContain("fails while it is loaded: ");
  });

  test("that imports what is not there is not taken for missing itself", async () => {
    const path = await moduleWith("import 'cloudvip-nowhere'");
    expect(await found(`name: ${path}`)).toEqual([
      expect.stringContaining("fails while it is loaded: Cannot find package 'cloudvip-nowhere'"),
    ]);
  });

  test("that is no provider is told what it lacks", async () => {
    const path = await moduleWith("export const provider = {}");
    expect(await found(`name: ${path}`)).toEqual([
      expect.stringMatching(
        /exports no provider; a provider module exports `provider`, made with defineProvider$/,
      ),
    ]);
  });

  test("that never ends loading is given up", async () => {
    const name = await moduleWith("await new Promise(() => {})");
    expect(await providerMistakes([{ instance: "VI_1", name, options: {} }], 20)).toMatchObject([
      {
        path: ["vrrp_instance", "VI_1", "provider", "name"],
        message: expect.stringContaining("after 0.02 s"),
      },
    ]);
  });

  test("whose schema fails is reported, not believed", async () => {
    for (const safeParse of [
      "() => { throw new Error('oops') }",
      "() => undefined",
      "() => ({ success: false })",
      "() => ({ success: false, error: { issues: [{ code: 'invalid_type', path: [], message: '' }] } })",
    ]) {
      expect(await found(`name: ${await moduleWith(withSchema(safeParse))}`)).toEqual([
        expect.stringMatching(/fails to check its options: .*; report it to its authors/),
      ]);
    }
  });

  test("has its own options checked like those that come with cloudvip", async () => {
    const zod = import.meta.resolve("zod");
    const path = await moduleWith(`import { z } from ${JSON.stringify(zod)};
export const provider = {
  kindOf() {}, create() {},
  options: z.strictObject({ api_key: z.string().min(20), zone: z.string().default("a") }),
};`);
    expect(await found(`name: ${path}`, "api_key: hunter2", "zones: b")).toEqual([
      expect.stringMatching(/^10:16 error provider.api_key: the text has 7 characters; /),
      `11:7 error provider.zones: there is no option "zones" here; did you mean zone?`,
    ]);
    const output = JSON.stringify(await json(withOptions(`provider: { name: ${path}, api_key: hunter2 }`)));
    expect(output).not.toContain("hunter2");
    expect(await found(`name: ${path}`, "api_key: abcdefghijklmnopqrst")).toEqual([]);
  });
});
