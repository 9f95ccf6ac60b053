import { loadConfig } from "../config/load.ts";
import { locateMistakes } from "../config/mistake.ts";
import { hasErrors, sortProblems } from "../config/problem.ts";
import { providerMistakes } from "./check-providers.ts";
import { type Checked, formatChecked, summariseInstance } from "./check-view.ts";
import { EXIT } from "./exit-codes.ts";
import { type Output, wantsColor } from "./output.ts";

export interface CheckOptions {
  /** The file to check: `.yaml`, `.yml` or `.conf`. */
  readonly config: string;
  /** One object for programs instead of lines for people. */
  readonly json?: boolean;
  readonly out?: Output;
}

/**
 * Reports every mistake of a configuration file, and what a good one would do. The host is not looked at: a file may be
 * checked on another machine than the one it is for.
 *
 * @returns 0 when the file could be run, with or without warnings; 1 otherwise
 */
export async function check({ config: file, json, out = process.stdout }: CheckOptions): Promise<number> {
  const { config, problems } = await checkFile(file);
  if (json) {
    const instances = config?.instances.map(summariseInstance) ?? [];
    out.write(
      `${JSON.stringify({ version: 1, file, ok: !hasErrors(problems), problems, instances }, null, 2)}\n`,
    );
  } else {
    out.write(await formatChecked(file, { config, problems }, { color: wantsColor(out, process.env) }));
  }
  return hasErrors(problems) ? EXIT.failed : EXIT.ok;
}

/** What the file says by itself, and what its providers say to their options. */
async function checkFile(file: string): Promise<Checked> {
  const { config, problems, providers, locate } = await loadConfig(file);
  const mistakes = locateMistakes(await providerMistakes(providers), locate);
  return {
    config: hasErrors(mistakes) ? undefined : config,
    problems: sortProblems([...problems, ...mistakes]),
  };
}
