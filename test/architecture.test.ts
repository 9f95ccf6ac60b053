/**
 * The fence: who may import whom, what the pure cores may not touch, and how long a file may grow. The tables below are the
 * design; a change of them is a change of it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf, type ImportLine, importsOf } from "./setup/source-text.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** What the files of a folder may import beside the folder itself. Of `types` only types are taken. */
interface Rule {
  readonly from: readonly string[];
  readonly types?: readonly string[];
  /** May be loaded when asked for, never when the program starts. */
  readonly lazily?: readonly string[];
}

const CORES = ["vrrp", "takeover"];
const SHELLS = [
  "base",
  ...CORES,
  "provider",
  "service",
  "linux",
  "config",
  "track",
  "notify",
  "status",
  "observe",
];
const TYPES = [...CORES, "provider", "config", "status"];

/** `agent` may import everything but doctor and simulate; `commands` and the entry point anything. */
const RULES: Readonly<Record<string, Rule>> = {
  base: { from: [] },
  vrrp: { from: ["base"] },
  takeover: { from: ["base"] },
  provider: { from: ["base"], lazily: ["providers"] },
  providers: { from: ["base", "provider"] },
  // The service thread, on both of its sides: what may be slow runs in it.
  service: { from: ["base", "provider", "notify"], types: TYPES },
  linux: { from: ["base"] },
  config: { from: ["base"], types: [...CORES, "provider"] },
  track: { from: ["base"], types: TYPES },
  notify: { from: ["base"], types: TYPES },
  status: { from: ["base"], types: TYPES },
  // Reads captured packets with the election's own codec, so that `watch` judges as the agent does.
  observe: { from: ["base", "vrrp"], types: TYPES },
  // Reads adverts and asks peers with the election's own codecs.
  doctor: { from: ["base", "config", "linux", "provider", "vrrp"], types: TYPES },
  simulate: { from: ["base", ...CORES] },
  agent: { from: SHELLS },
  commands: { from: [...SHELLS, "agent", "doctor", "simulate"], lazily: ["providers"] },
};

const ENTRIES = ["main.ts", "cli.ts"];

/** They run in the agent, in the simulator and in tests alike, so they know no clock, no chance and no machine. */
const PURE = ["base", "vrrp", "takeover", "simulate"];
const IMPURE_NAMES =
  /(?<![.\w"'])(Date|performance|setTimeout|setInterval|setImmediate|queueMicrotask|process|console|fetch|Buffer|globalThis|require|crypto)\b|\bMath\.random\b|\bimport\.meta\b/g;

/** Calls of Node's that return when the disk, or another process, is done. */
const WAITING_NAMES = /\b(?:\w+Sync|Atomics\.wait)\b/g;
/** Each is over before the agent listens. */
const WAITS_AT_START = [
  "src/agent/log-output.ts fstatSync",
  "src/commands/compiled.ts readFileSync",
  "src/commands/version.ts readFileSync",
  "src/linux/raw-socket-adapter.ts readdirSync",
];

const TOP_LEVEL_FOLDERS = ["src", "providers", "conf", "test", "deploy"];
const NOT_OURS = ["node_modules", "dist", "coverage"];

const SOURCES = [...typescriptUnder("src"), ...typescriptUnder("providers")];
const TESTS = typescriptUnder("test");

describe("the import table", () => {
  it("covers every folder of src", () => {
    const unknown = [...new Set(SOURCES.map(folderOf))].filter(
      (folder) => !RULES[folder] && !ENTRIES.includes(folder),
    );
    const advice = "is a folder without a rule: say in RULES of test/architecture.test.ts what it may import";
    expect(unknown.map((folder) => `src/${folder} ${advice}`)).toEqual([]);
  });

  it.each(Object.keys(RULES))("is kept by %s", (folder) => {
    const crossings = SOURCES.filter((file) => folderOf(file) === folder).flatMap((file) =>
      importsOf(read(file)).flatMap((line) => crossing(file, line)),
    );
    expect(crossings).toEqual([]);
  });

  it("is not kept by a program that crosses it in any way of importing", () => {
    const guilty = (text: string, file = "src/vrrp/a.ts") =>
      importsOf(text).flatMap((line) => crossing(file, line));
    expect(guilty(`import { x } from "../linux/network.ts";`)).toHaveLength(1);
    expect(guilty(`import type { X } from "../linux/network.ts";`)).toHaveLength(1);
    expect(guilty(`import {\n  type X,\n} from "../linux/network.ts";`)).toHaveLength(1);
    expect(guilty(`export * from "../linux/network.ts";`)).toHaveLength(1);
    expect(guilty(`import "../linux/network.ts";`)).toHaveLength(1);
    expect(guilty(`const x = await import("../linux/network.ts");`)).toHaveLength(1);
    expect(guilty(`type X = import("../linux/network.ts").Link;`)).toHaveLength(1);
    expect(guilty(`new Worker(new URL("../linux/network.ts", import.meta.url));`)).toHaveLength(1);
    expect(guilty(`import { x } from "../base/ip.ts";\nimport { y } from "./b.ts";`)).toEqual([]);
    expect(guilty(`// import { x } from "../linux/network.ts";`)).toEqual([]);
    expect(guilty(`import { x } from "../vrrp/timers.ts";`, "src/config/a.ts")).toHaveLength(1);
    expect(guilty(`import type { X } from "../vrrp/settings.ts";`, "src/config/a.ts")).toEqual([]);
    expect(guilty(`import { x } from "../../providers/aws/provider.ts";`, "src/provider/a.ts")).toHaveLength(
      1,
    );
    expect(guilty(`const x = import("../../providers/aws/provider.ts");`, "src/provider/a.ts")).toEqual([]);
    expect(guilty(`import { x } from "../aws/client.ts";`, "providers/exec/a.ts")).toHaveLength(1);
    expect(guilty(`import { x } from "../../src/provider/contract.ts";`, "providers/exec/a.ts")).toEqual([]);
    expect(guilty(`import { x } from "../../test/setup/x.ts";`)).toHaveLength(1);
  });
});

describe("a pure core", () => {
  it.each(PURE)("imports no module of Node and no package: %s", (folder) => {
    const imported = SOURCES.filter((file) => folderOf(file) === folder).flatMap((file) =>
      importsOf(read(file))
        .filter(({ specifier }) => !specifier.startsWith("."))
        .map(({ specifier }) => `${file} imports ${specifier}`),
    );
    expect(imported).toEqual([]);
  });

  it.each(PURE)("names no clock, no chance and no machine: %s", (folder) => {
    const named = SOURCES.filter((file) => folderOf(file) === folder).flatMap((file) =>
      impurities(read(file)).map((name) => `${file} names ${name}`),
    );
    expect(named).toEqual([]);
  });

  it("is caught at it", () => {
    expect(impurities("const now = Date.now();")).toEqual(["Date"]);
    expect(impurities("return Math.random() < 0.5;")).toEqual(["Math.random"]);
    expect(impurities("setTimeout(() => console.log(process.pid), 1);")).toEqual([
      "setTimeout",
      "console",
      "process",
    ]);
    expect(impurities(["const text = `$", "{performance.now()}`;"].join(""))).toEqual(["performance"]);
    expect(impurities("// a Date in a comment")).toEqual([]);
    expect(impurities(`const text = "fetch";`)).toEqual([]);
    expect(impurities("router.process(1); candidateDate();")).toEqual([]);
  });
});

describe("the election thread", () => {
  it("makes no synchronous call that may wait, but these at its start", () => {
    const waiting = [...loadedBy("src/commands/run.ts")].flatMap((file) =>
      [...new Set(codeOf(read(file)).match(WAITING_NAMES))].map((name) => `${file} ${name}`),
    );
    expect(waiting.toSorted()).toEqual(WAITS_AT_START);
  });

  it("is told from what runs in other threads and processes", () => {
    const loaded = loadedBy("src/commands/run.ts");
    for (const file of ["src/vrrp/virtual-router.ts", "src/takeover/takeover.ts", "src/linux/rtnetlink.ts"]) {
      expect(loaded).toContain(file);
    }
    for (const file of ["src/notify/spool.ts", "src/track/trackers.ts"]) {
      expect(loaded).not.toContain(file);
    }
  });
});

describe("a file", () => {
  it.each([
    { what: "a source", files: SOURCES, most: 400 },
    { what: "a test", files: TESTS, most: 600 },
  ])("that is $what has at most $most lines", ({ files, most }) => {
    expect(files.length).toBeGreaterThan(10);
    const long = files.map((file) => ({ file, lines: read(file).split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > most)).toEqual([]);
  });
});

it("the top level has no folder beside the fixed ones", () => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !NOT_OURS.includes(entry.name))
    .map(({ name }) => name);
  expect(folders.filter((name) => !TOP_LEVEL_FOLDERS.includes(name))).toEqual([]);
});

/** Why `file` may not have this import, or nothing. */
function crossing(file: string, { specifier, typesOnly, lazy }: ImportLine): string[] {
  if (!specifier.startsWith(".")) return [];
  const target = relative(ROOT, resolve(ROOT, dirname(file), specifier));
  const [own, other] = [folderOf(file), folderOf(target)];
  if (ENTRIES.includes(own) || neighbours(file, target)) return [];
  const rule = RULES[own] ?? { from: [] };
  const allowed =
    rule.from.includes(other) ||
    (typesOnly && rule.types?.includes(other)) ||
    (lazy && rule.lazily?.includes(other));
  const kind = typesOnly ? "the types of " : "";
  return allowed ? [] : [`${file} may not import ${kind}${target}`];
}

/** A source file, and all that come along with it when it is loaded: what a thread runs, other than what it starts. */
function loadedBy(first: string): ReadonlySet<string> {
  const files = new Set([first]);
  for (const file of files) {
    for (const { specifier, typesOnly } of importsOf(read(file))) {
      if (specifier.startsWith(".") && !typesOnly && specifier.endsWith(".ts")) {
        files.add(relative(ROOT, resolve(ROOT, dirname(file), specifier)));
      }
    }
  }
  return files;
}

/** Files of one folder of src, or of one provider, import each other as they like. */
function neighbours(file: string, target: string): boolean {
  const depth = 2;
  const start = (path: string) => path.split("/").slice(0, depth).join("/");
  return start(file) === start(target);
}

/** `vrrp` for src/vrrp/timers.ts, `providers` for providers/aws/provider.ts, and the path itself outside of both. */
function folderOf(file: string): string {
  const [top = "", folder = ""] = file.split("/");
  return top === "src" ? folder : top === "providers" ? top : file;
}

function impurities(text: string): string[] {
  return [...codeOf(text).matchAll(IMPURE_NAMES)].map(([name]) => name);
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function typescriptUnder(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.includes("node_modules"))
    .map((path) => join(folder, path));
}
