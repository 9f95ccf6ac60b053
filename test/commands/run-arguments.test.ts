import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readRunArguments } from "../../src/commands/run-arguments.ts";
import { CLI } from "../lab/cloudvip.ts";

describe("the arguments of run", () => {
  it("have the defaults that help tells", () => {
    const help = execFileSync(process.execPath, [CLI, "run", "--help"], { encoding: "utf8" });
    const told = [...help.matchAll(/\(default:\s+"([^"]+)"\)/g)].map(([, value]) => value);
    const { config, logLevel } = readRunArguments([]) ?? {};
    expect(told).toEqual([config, logLevel]);
  });

  it("are all that help lists, long and short", () => {
    const args = [
      "-c",
      "a.yaml",
      "--control-socket",
      "/a.sock",
      "--log-level",
      "debug",
      "--socket-adapter=libc",
    ];
    expect(readRunArguments(args)).toEqual({
      config: "a.yaml",
      controlSocket: "/a.sock",
      logLevel: "debug",
      socketAdapter: "libc",
    });
  });

  it.each([["--help"], ["--confg", "a.yaml"], ["a.yaml"], ["--config"], ["--socket-adapter", "tcp"]])(
    "are left to who explains: %s %s",
    (...args) => {
      expect(readRunArguments(args.filter((arg) => arg !== undefined))).toBeUndefined();
    },
  );
});
