#!/usr/bin/env node
/** The program. Its agent starts without what all other commands need; the reader of command lines is among that. */
import { runCompiled } from "./commands/compiled.ts";
import { readRunArguments } from "./commands/run-arguments.ts";

const options = process.argv[2] === "run" ? readRunArguments(process.argv.slice(3)) : undefined;
if (options) void runCompiled<typeof import("./commands/run.ts")>("agent").runToTheEnd(options);
// Help, or a mistake to explain.
else void import("./cli.ts");
