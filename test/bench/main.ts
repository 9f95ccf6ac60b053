/**
 * `npm run bench`: keepalived and cloudvip on the same keepalived.conf, in turn, in one run on one machine. Ratios within a
 * run can be compared between machines; the plain figures cannot.
 */
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { CLI } from "../lab/cloudvip.ts";
import { run } from "../lab/process.ts";
import { whatIsMissing } from "../setup/requires.ts";
import { judge } from "./goals.ts";
import type { Effort, Measurement, Reading } from "./measurement.ts";
import { MEASUREMENTS } from "./measurements.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";
import { formatTable, type Row } from "./report.ts";

const USAGE = `usage: npm run bench -- [--quick] [--json] [--only NAME]...
  --quick      fewer rounds: shows that everything works, proves little
  --json       print the results as JSON, with every sample
  --only NAME  only the measurements whose name starts with NAME:
               ${MEASUREMENTS.map(({ name }) => name).join(", ")}
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});

const chosen = MEASUREMENTS.filter(
  ({ name }) => options.only.length === 0 || options.only.some((prefix) => name.startsWith(prefix)),
);
if (options.help || chosen.length === 0) {
  process.stderr.write(USAGE);
  process.exit(options.help ? 0 : 2);
}
const missing = whatIsMissing(["lab", "keepalived", "built"]);
if (missing !== undefined) {
  process.stderr.write(`bench cannot run here: ${missing}\n`);
  process.exit(2);
}

const rows: Row[] = [];
for (const measurement of chosen) rows.push(await measureBoth(measurement, options.quick ? "quick" : "full"));

const machine = await describeMachine();
if (options.json) {
  process.stdout.write(`${JSON.stringify({ machine, quick: options.quick, rows }, null, 2)}\n`);
} else {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${facts.join(" · ")}\n\n${formatTable(rows)}\n`);
}
const failed = rows.filter(({ verdicts }) => verdicts.some(({ kind, met }) => kind === "required" && !met));
process.exitCode = failed.length > 0 ? 1 : 0;

async function measureBoth(measurement: Measurement, effort: Effort): Promise<Row> {
  const { name, title, unit } = measurement;
  const readings: Partial<Record<ProgramName, Reading>> = {};
  for (const program of measurement.programs ?? PROGRAMS) {
    process.stderr.write(`${name}: ${program} …\n`);
    readings[program] = await measurement.measure(program, effort);
  }
  const [keepalived, cloudvip] = [readings.keepalived?.value, readings.cloudvip?.value];
  const values = {
    ...(keepalived === undefined ? {} : { keepalived }),
    ...(cloudvip === undefined ? {} : { cloudvip }),
  };
  const ratio = keepalived && cloudvip !== undefined ? cloudvip / keepalived : null;
  return { name, title, unit, readings, ratio, verdicts: judge(name, values) };
}

async function describeMachine(): Promise<Readonly<Record<string, string>>> {
  const processors = cpus();
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", `file://${CLI}`), "utf8"));
  // keepalived prints its version to standard error.
  const keepalived = await run(["sh", "-c", "keepalived --version 2>&1"]);
  return {
    cloudvip: version,
    keepalived: /v([\d.]+)/.exec(keepalived)?.[1] ?? "unknown",
    node: process.version,
    kernel: release(),
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
  };
}
