import { answer, type Check, type Discovery, unseen } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { directoriesOf, OPEN_TO_OTHERS, octal, writableByOthers } from "../permissions.ts";

/** Who may read and write what the agent runs on. */
export const FILE_CHECKS: readonly Check[] = [
  {
    code: "host/config-writable",
    title: "only root writes the configuration",
    severity: "failure",
    why: "The agent runs with network privileges and may start programs that the file names. Who can write the file, one that it includes, or replace it in its directory, has those privileges.",
    run: (context) => {
      const { config, configFile } = context;
      const files = [...new Set([configFile, ...config.sources.files])];
      const places = [...files, ...directoriesOf(files)];
      return answer(
        places.flatMap((path) => writableByOthers(path, context)),
        files.length === 1 ? configFile : `${configFile} and ${files.length - 1} that it includes`,
      );
    },
  },
  {
    code: "host/secret-readable",
    title: "only the agent reads the secrets",
    severity: "warning",
    why: "auth_pass guards against mistakes rather than attackers, but whoever knows it can take part in the election. The address of a chat's webhook lets anybody write there; credentials of a cloud are worth more.",
    run: ({ config, configFile, host }) => {
      const { files, holdSecret, secretFiles } = config.sources;
      const holders = [...(holdSecret ? [configFile, ...files] : []), ...secretFiles];
      if (holders.length === 0) return { kind: "idle" };
      const missing = holders.find((path) => host.ownership(path) === undefined);
      if (missing !== undefined) return unseen(`${missing} cannot be looked at`);
      const places = [...new Set(holders)];
      return answer(
        places.flatMap((path) => readableByOthers(path, host)),
        places.join(", "),
      );
    },
  },
  {
    code: "host/config-warnings",
    title: "the configuration has no warnings",
    severity: "warning",
    why: "`cloudvip check` reads the same file with the same rules: a warning is something that runs, but probably not as intended.",
    run: ({ problems, config, host }) => {
      // Those of files that all users may read have a check of their own.
      const open = config.sources.secretFiles.filter((path) => readableByOthers(path, host).length > 0);
      const others = problems.filter(({ fix }) => !open.some((path) => fix === `chmod 640 ${path}`));
      return answer(
        others.map((problem) => ({
          message: `${problem.path}: ${problem.message}`,
          evidence: problem.line === undefined ? [] : [`line ${problem.line}`],
          consequence: "the agent runs, but probably not as intended",
          fix: { advice: problem.fix, commands: [] },
        })),
        "as `cloudvip check` says",
      );
    },
  },
];

function readableByOthers(path: string, host: DoctorHost): readonly Discovery[] {
  const mode = host.ownership(path)?.mode ?? 0;
  if ((mode & OPEN_TO_OTHERS) === 0) return [];
  return [
    {
      message: `${path} holds a secret and is open to all users`,
      evidence: [`mode ${octal(mode)}`],
      consequence: "every user of this host can do with it what the agent can",
      fix: { advice: "let only its owner and group read it", commands: [["chmod", "o-rwx", path]] },
    },
  ];
}
