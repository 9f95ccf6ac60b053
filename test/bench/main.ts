/**
 * `npm run bench`: keepalived and cloudvip on the same keepalived.conf, in turn, in one run on one machine. Ratios within a
 * run can be compared between machines; the plain figures cannot.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/base/errors.ts";
import { CLI } from "../lab/cloudvip.ts";
import { run } from "../lab/process.ts";
import { whatIsMissing } from "../setup/requires.ts";
import { judge } from "./goals.ts";
import type { Measurement, Reading } from "./measurement.ts";
import { MEASUREMENTS } from "./measurements.ts";
import { plot } from "./plot.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";
import { formatTable, type Row } from "./report.ts";
import { Results } from "./results.ts";

const USAGE = `usage: npm run bench -- [--quick] [--json] [--plot FILE] [--into FILE] [--only NAME]...
  --quick      fewer rounds: shows that everything works, proves little
  --json       print the results as JSON, with every sample
  --plot FILE  draw the gap by advert interval and the cost by number of instances into FILE, an SVG
  --into FILE  keep each result in FILE as soon as it is there, beside those that FILE has of other measurements: a run of
               an hour can be made in pieces, and what was measured survives what fails. Table and plot show them all
  --only NAME  only the measurements whose name starts with NAME:
               ${MEASUREMENTS.map(({ name }) => name).join(", ")}
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    plot: { type: "string" },
    into: { type: "string" },
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

const effort = options.quick ? "quick" : "full";
const results = new Results(await describeMachine(), options.into);
for (const measurement of chosen) results.add(await measureBoth(measurement));

const { machine, rows } = results;
if (options.json) {
  process.stdout.write(`${JSON.stringify({ machine, rows }, null, 2)}\n`);
} else {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${facts.join(" · ")}\n\n${formatTable(rows)}\n`);
}
if (options.plot !== undefined) writeFileSync(options.plot, plot(rows));
const failed = rows.filter(
  ({ failure, verdicts }) =>
    failure !== undefined || verdicts.some(({ kind, met }) => kind === "required" && !met),
);
process.exitCode = failed.length > 0 ? 1 : 0;

/** What fails is told in its row, and the run goes on. */
async function measureBoth(measurement: Measurement): Promise<Row> {
  const { name, title, unit } = measurement;
  const readings: Partial<Record<ProgramName, Reading>> = {};
  let failure: string | undefined;
  for (const program of measurement.programs ?? PROGRAMS) {
    process.stderr.write(`${name}: ${program} …\n`);
    try {
      readings[program] = await measurement.measure(program, effort);
    } catch (error) {
      failure = `${program}: ${messageOf(error)}`;
      process.stderr.write(`${name}: ${failure}\n`);
    }
  }
  const [keepalived, cloudvip] = [readings.keepalived?.value, readings.cloudvip?.value];
  const values = {
    ...(keepalived === undefined ? {} : { keepalived }),
    ...(cloudvip === undefined ? {} : { cloudvip }),
  };
  const ratio = keepalived && cloudvip !== undefined ? cloudvip / keepalived : null;
  const verdicts = judge(name, values);
  return {
    name,
    title,
    unit,
    effort,
    readings,
    ratio,
    verdicts,
    ...(failure === undefined ? {} : { failure }),
  };
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
