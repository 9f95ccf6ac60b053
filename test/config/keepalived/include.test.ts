// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfFile } from "../../../src/config/keepalived/files.ts";
import { expandBraces } from "../../../src/config/keepalived/glob.ts";
import { Preprocessor } from "../../../src/config/keepalived/preprocessor.ts";
import { ProblemLog } from "../../../src/config/keepalived/source.ts";
import { oneLine } from "./reading.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-include-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

/** Reads `text` as the file main.conf of the folder; the folder's name is cut out of what comes back. */
async function lines(text: string): Promise<{ lines: readonly string[]; problems: readonly string[] }> {
  const main = join(folder, "main.conf");
  const log = new ProblemLog(main);
  const context = { configId: "node-a", environment: {}, random: () => 0 };
  const read = await new Preprocessor({ ...context, log, readFile: readConfFile }).read(main, text);
  const cut = (line: string) => line.replaceAll(`${folder}/`, "").replaceAll(folder, ".");
  return {
    lines: read.map((line) => cut(line.text)),
    problems: log.problems.map((problem) => cut(oneLine(problem))),
  };
}

describe("include", () => {
  it("puts the lines of the file in its place", async () => {
    await write("a.conf", "a1\na2");
    expect(await lines("x\ninclude a.conf\ny")).toEqual({ lines: ["x", "a1", "a2", "y"], problems: [] });
  });

  it("looks for relative names beside the including file", async () => {
    await write("sub/a.conf", "include b.conf\npwd ${_PWD}");
    await write("sub/b.conf", "b");
    expect((await lines("include sub/a.conf\npwd ${_PWD}")).lines).toEqual(["b", "pwd sub", "pwd ."]);
  });

  it("takes the matches of a wildcard in order, without hidden files and folders", async () => {
    for (const name of ["b.conf", "a.conf", ".hidden.conf", "c.txt", "d.conf/x"])
      await write(`d/${name}`, name);
    await rm(join(folder, "d/d.conf"), { recursive: true });
    expect((await lines("include d/*.conf")).lines).toEqual(["a.conf", "b.conf"]);
  });

  it.each([
    ["d/?.conf", ["a", "b"]],
    ["d/[ab].conf", ["a", "b"]],
    ['"d/[!a].conf"', ["b"]],
    ["d/[b-z]*.conf", ["b", "long"]],
    ["*/*o*g.conf", ["long"]],
    ["{d/a,d/b}.conf", ["a", "b"]],
    ["d/{b,{a,long}}.conf", ["b", "a", "long"]],
    ['"d/a.conf"', ["a"]],
  ])("reads the pattern %s", async (pattern, expected) => {
    for (const name of ["a", "b", "long"]) await write(`d/${name}.conf`, name);
    expect((await lines(`include ${pattern}`)).lines).toEqual(expected);
  });

  it("counts lines per file", async () => {
    await write("a.conf", '\n\nx "');
    expect((await lines("include a.conf")).problems).toEqual([
      'a.conf:3 error a double quote (") is never closed',
    ]);
  });

  it("shares definitions with the included file, both ways", async () => {
    await write("a.conf", "$B=2\na ${A}");
    expect((await lines("$A=1\ninclude a.conf\nb ${B}")).lines).toEqual(["a 1", "b 2"]);
  });

  it("holds within blocks", async () => {
    await write("vips.conf", "192.0.2.10/24");
    expect((await lines("virtual_ipaddress {\ninclude vips.conf\n}")).lines).toEqual([
      "virtual_ipaddress",
      "{",
      "192.0.2.10/24",
      "}",
    ]);
  });

  it("leaves a definition that an included file never finished alone", async () => {
    await write("a.conf", "$A=x \\");
    expect((await lines("include a.conf\ny")).lines).toEqual(["y"]);
  });
});

describe("an include without a file", () => {
  it.each([
    ["include missing.conf", "warning"],
    ["include d/*.conf", "warning"],
    ["includer missing.conf", "error"],
    ["includem missing.conf", "error"],
    ["includem d/*.conf", "warning"],
    ["includew d/*.conf", "error"],
    ["includeb {d,e}/*.conf", "error"],
    ["includea missing.conf", "error"],
    ["include_check\ninclude missing.conf", "error"],
    ["include_check match\ninclude d/*.conf", "warning"],
    ["include_check wildcard_match\ninclude d/*.conf", "error"],
    ["include_check\ninclude_check -wildcard_match\ninclude d/*.conf", "warning"],
    ["include_check +match\ninclude missing.conf", "error"],
  ])("%s is a %s", async (text, severity) => {
    const { problems } = await lines(text);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems)
      expect(problem).toMatch(new RegExp(`^\\d+ ${severity} the included file`));
  });

  it("keeps the checks of an included file to that file", async () => {
    await write("strict.conf", "include_check\n");
    expect((await lines("include strict.conf\ninclude missing.conf")).problems).toEqual([
      expect.stringMatching(/^2 warning/),
    ]);
  });

  it("warns of an unknown check", async () => {
    expect((await lines("include_check exists")).problems).toEqual([
      '1 warning include_check has no option "exists": keepalived ignores it, and so does cloudvip',
    ]);
  });
});

describe("a file that keepalived skips", () => {
  it("is an executable one", async () => {
    await write("a.conf", "a");
    await chmod(join(folder, "a.conf"), 0o755);
    const { lines: read, problems } = await lines("include a.conf");
    expect(read).toEqual([]);
    expect(problems).toEqual([expect.stringContaining("it is executable, and keepalived skips such files")]);
  });

  it("is one that is no regular file", async () => {
    expect((await lines("include /dev/null")).problems).toEqual([
      expect.stringContaining("it is no regular file"),
    ]);
  });
});

describe("brace expansion", () => {
  it.each([
    ["a", ["a"]],
    ["a{b,c}d", ["abd", "acd"]],
    ["{a,b}{c,d}", ["ac", "ad", "bc", "bd"]],
    ["foo/{,cat,dog}", ["foo/", "foo/cat", "foo/dog"]],
    ["{a,{b,c}}", ["a", "b", "c"]],
    ["{a", ["{a"]],
    ["a}", ["a}"]],
  ])("%s becomes %j", (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });

  it("does not grow beyond a thousand names", () => {
    expect(expandBraces("{a,b}".repeat(40)).length).toBeLessThanOrEqual(1000);
  });
});
