import { basename } from "node:path";
import { checkDocument } from "../config/check-document.ts";
import { formatYaml } from "../config/keepalived/format-yaml.ts";
import { type KeepalivedReading, readKeepalivedConf } from "../config/keepalived/read.ts";
import { locateMistakes } from "../config/mistake.ts";
import { type ConfigProblem, formatPath, hasErrors, sortProblems } from "../config/problem.ts";
import { isMap } from "../config/value.ts";
import { formatChecked } from "./check-view.ts";
import { EXIT } from "./exit-codes.ts";
import { type Output, wantsColor } from "./output.ts";

export interface ImportOptions {
  /** The keepalived.conf to read. */
  readonly file: string;
  /** Gets the YAML, and nothing else. */
  readonly out?: Output;
  /** Gets what was not carried over, and every case where the file means something else than it seems to. */
  readonly err?: Output;
}

/**
 * Turns a keepalived.conf into cloudvip YAML. Nothing is printed for a file with errors: what is left of it could be run, but
 * would not be the same group.
 *
 * @returns 0 when the YAML can be used, with or without warnings; 1 otherwise
 */
export async function importConf({
  file,
  out = process.stdout,
  err = process.stderr,
}: ImportOptions): Promise<number> {
  const reading = await readKeepalivedConf(file);
  const problems = allProblems(reading);
  err.write(
    await formatChecked(file, { config: undefined, problems }, { color: wantsColor(err, process.env) }),
  );
  if (hasErrors(problems)) return EXIT.failed;
  for (const name of instancesWithPassword(reading.document)) {
    err.write(`the password of ${name} is in the YAML as auth_pass; auth_pass_file would keep it out\n`);
  }
  const heading = `Made by \`cloudvip import\` from ${basename(file)}`;
  out.write(formatYaml(reading.document, reading.notes, heading));
  return EXIT.ok;
}

/** What the reader and the schema have to say; where the reader refused a value, the schema adds nothing. */
function allProblems({ document, problems, locate }: KeepalivedReading): readonly ConfigProblem[] {
  if (document === undefined) return problems;
  const refused = new Set(problems.filter(({ severity }) => severity === "error").map(({ path }) => path));
  const mistakes = checkDocument(document).mistakes.filter(({ path }) => !refused.has(formatPath(path)));
  return sortProblems([...problems, ...locateMistakes(mistakes, locate)]);
}

function instancesWithPassword(document: unknown): readonly string[] {
  const instances = isMap(document) ? document["vrrp_instance"] : undefined;
  if (!isMap(instances)) return [];
  return Object.entries(instances).flatMap(([name, instance]) =>
    isMap(instance) && instance["authentication"] !== undefined ? [name] : [],
  );
}
