import { dirname } from "node:path";
import { answer, type Check, type Discovery, fine, unseen } from "../check.ts";
import type { DoctorHost } from "../host.ts";

const [GROUP_WRITABLE, OTHERS_WRITABLE, OTHERS_READABLE] = [0o020, 0o002, 0o004];

/** Who may read and write what the agent runs on. */
export const FILE_CHECKS: readonly Check[] = [
  {
    code: "host/config-writable",
    title: "only root writes the configuration",
    severity: "failure",
    why: "The agent runs with network privileges and may start programs that the file names. Who can write the file, or replace it in its directory, has those privileges.",
    run: ({ configFile, host }) => {
      const discoveries = [configFile, dirname(configFile)].flatMap((path) => writableByOthers(path, host));
      return answer(discoveries, configFile);
    },
  },
  {
    code: "host/secret-readable",
    title: "only the agent reads the secrets",
    severity: "warning",
    why: "auth_pass guards against mistakes rather than attackers, but whoever knows it can take part in the election. Credentials of a cloud are worth more.",
    run: ({ config, configFile, host }) => {
      const hasSecret = config.instances.some(({ authPass }) => authPass !== undefined);
      if (!hasSecret) return fine("the configuration has none");
      const owner = host.ownership(configFile);
      const text = host.readText(configFile);
      if (!owner || text === undefined) return unseen(`${configFile} cannot be read`);
      const isInline = /^\s*["']?auth_pass["']?\s*[:\s]/m.test(text) || /\bauth_pass\s*:/.test(text);
      if (!isInline || (owner.mode & OTHERS_READABLE) === 0) return fine("others may not read them");
      return answer(
        [
          {
            message: `${configFile} holds a password and is readable by all users`,
            evidence: [`mode ${octal(owner.mode)}`],
            consequence: "every user of this host can take part in the election",
            fix: {
              advice: "let only its owner and group read it",
              commands: [["chmod", "o-rwx", configFile]],
            },
          },
        ],
        "",
      );
    },
  },
  {
    code: "host/config-warnings",
    title: "the configuration has no warnings",
    severity: "warning",
    why: "`cloudvip check` reads the same file with the same rules: a warning is something that runs, but probably not as intended.",
    run: ({ problems }) =>
      answer(
        problems.map((problem) => ({
          message: `${problem.path}: ${problem.message}`,
          evidence: problem.line === undefined ? [] : [`line ${problem.line}`],
          consequence: "the agent runs, but probably not as intended",
          fix: { advice: problem.fix, commands: [] },
        })),
        "as `cloudvip check` says",
      ),
  },
];

function writableByOthers(path: string, host: DoctorHost): readonly Discovery[] {
  const owner = host.ownership(path);
  const sticky = 0o1000;
  if (!owner || (owner.mode & sticky) !== 0) return [];
  const others = (owner.mode & OTHERS_WRITABLE) !== 0 ? "all users" : undefined;
  const group = (owner.mode & GROUP_WRITABLE) !== 0 ? "its group" : undefined;
  const who = others ?? group;
  if (who === undefined) return [];
  return [
    {
      severity: others ? "failure" : "warning",
      message: `${path} is writable by ${who}`,
      evidence: [`mode ${octal(owner.mode)}`],
      consequence: "they can make the agent do what they want",
      fix: { advice: "let only its owner write it", commands: [["chmod", "go-w", path]] },
    },
  ];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
