import type { Config } from "../../config/config.ts";
import { answer, type Check, type Discovery } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { directoriesOf, octal, writableByOthers } from "../permissions.ts";

/** The programs that the agent starts. */
export const PROGRAM_CHECKS: readonly Check[] = [
  {
    code: "host/program-cannot-start",
    title: "the programs that the agent starts are there",
    severity: "failure",
    why: "A check script that cannot be started counts as failed, and keeps its instance in FAULT or lowers its priority. A hook or a provider's program that cannot be started is missed in the night of the failover, not before.",
    run: ({ config, host }) => {
      const programs = programsOf(config);
      if (programs.length === 0) return { kind: "idle" };
      return answer(
        programs.flatMap((program) => unstartable(program, host)),
        programs.map(({ path }) => path).join(", "),
      );
    },
  },
  {
    code: "host/program-writable",
    title: "only root writes the programs that the agent starts",
    severity: "failure",
    why: "Check scripts, hooks and the program of an exec provider run with the agent's rights unless `user` says otherwise. Who can rewrite one, or replace it in its directory, has those rights.",
    run: (context) => {
      const paths = programsOf(context.config).map(({ path }) => path);
      if (paths.length === 0) return { kind: "idle" };
      const places = [...new Set([...paths, ...directoriesOf(paths)])];
      return answer(
        places.flatMap((path) => writableByOthers(path, context)),
        paths.join(", "),
      );
    },
  },
];

interface Program {
  readonly path: string;
  /** Where the configuration names it. */
  readonly named: string;
}

/** Each once. */
function programsOf({ trackers, instances }: Config): readonly Program[] {
  const scripts = trackers.flatMap(({ name, check }) =>
    check.kind === "script" ? [{ path: check.program.command[0], named: `track ${name}` }] : [],
  );
  const hooks = instances.flatMap(({ name, hooks: { programs } }) =>
    Object.entries(programs).map(([hook, { command }]) => ({ path: command[0], named: `${name}: ${hook}` })),
  );
  const providers = instances.flatMap(({ name, provider }) => {
    const command = provider?.name === "exec" ? provider.options["command"] : undefined;
    const [path] = Array.isArray(command) ? command : [command];
    return typeof path === "string" ? [{ path, named: `${name}: provider exec` }] : [];
  });
  const all = [...scripts, ...hooks, ...providers].filter(({ path }) => path.startsWith("/"));
  return [...new Map(all.map((program) => [program.path, program])).values()];
}

const EXECUTABLE = 0o111;

function unstartable({ path, named }: Program, host: DoctorHost): readonly Discovery[] {
  const file = host.ownership(path);
  if (file && (file.mode & EXECUTABLE) !== 0) return [];
  return [
    {
      message: file ? `${named}: ${path} is not executable` : `${named}: there is no program ${path}`,
      evidence: file ? [`mode ${octal(file.mode)}`] : [],
      consequence: "what it checks counts as failed, and what it would do is not done",
      fix: file
        ? { advice: "make it executable", commands: [["chmod", "+x", path]] }
        : { advice: "install it, or correct its path in the configuration", commands: [] },
    },
  ];
}
