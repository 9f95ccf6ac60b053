import { isUtf8 } from "node:buffer";
import { hostname } from "node:os";
import { extname } from "node:path";
import { messageOf } from "../base/errors.ts";
import { checkDocument } from "./check-document.ts";
import type { Config } from "./config.ts";
import { type Locate, locateMistakes } from "./mistake.ts";
import { type ConfigProblem, hasErrors, sortProblems } from "./problem.ts";
import { type ProviderBlock, providerBlocks } from "./provider-block.ts";
import { readRegularFile } from "./regular-file.ts";
import { resolveConfig } from "./resolve.ts";
import { readSecrets } from "./secrets.ts";
import { type SourceReading, unreadable } from "./source.ts";

/** A thousand instances fit twice; a disk or a log file given by mistake does not. */
const FILE_BYTES_MAX = 1024 * 1024;

export interface LoadedConfig {
  /** Undefined when there is an error among the problems. */
  readonly config: Config | undefined;
  /** In the order of the file; warnings as well as errors. */
  readonly problems: readonly ConfigProblem[];
  /** What only the providers can check, see `providerMistakes`; whatever else is wrong with the file. */
  readonly providers: readonly ProviderBlock[];
  /** Finds the lines of what `checkAgainstHost` and the providers say later. */
  readonly locate: Locate;
}

export interface LoadOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly hostName?: string;
}

/**
 * Reads, checks and resolves a configuration file: cloudvip YAML (`.yaml`, `.yml`) or a keepalived.conf (`.conf`). Every
 * mistake is in the answer, a file that cannot be read included; nothing is thrown.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const files = [path];
  const { document, problems, locate } = await readSource(path, (included) => files.push(included));
  const shared = { providers: providerBlocks(document), locate };
  if (document === undefined) return { config: undefined, problems, ...shared };
  const checked = checkDocument(document);
  const secrets = await readSecrets(checked, options.env ?? process.env);
  // Where the reader of the format refused something itself, it knew better what was written than the schema does.
  const refused = new Set(problems.filter(({ severity }) => severity === "error").map(({ path: at }) => at));
  const mistakes = locateMistakes([...checked.mistakes, ...secrets.mistakes], locate);
  const all = sortProblems([...problems, ...mistakes.filter(({ path: at }) => !refused.has(at))]);
  if (!checked.document || hasErrors(all)) return { config: undefined, problems: all, ...shared };
  const surroundings = {
    hostName: options.hostName ?? hostname(),
    passwords: secrets.passwords,
    channels: secrets.channels,
    sources: { files: [...new Set(files)], holdSecret: secrets.inText, secretFiles: secrets.files },
  };
  return { config: resolveConfig(checked.document, surroundings), problems: all, ...shared };
}

/** Each format's parser is loaded only for its own files: a start with one does not pay for the other. */
async function readSource(path: string, onInclude: (file: string) => void): Promise<SourceReading> {
  switch (extname(path)) {
    case ".yaml":
    case ".yml": {
      const { readYaml } = await import("./load-yaml.ts");
      const text = await readText(path);
      return typeof text === "string" ? readYaml(text) : text;
    }
    case ".conf": {
      const { readKeepalivedConf } = await import("./keepalived/read.ts");
      return readKeepalivedConf(path, { onInclude });
    }
    default:
      return unreadable(
        "the ending of the file's name tells nothing of its format",
        "name it .yaml for cloudvip's own form, or .conf for a keepalived.conf",
      );
  }
}

async function readText(path: string): Promise<string | SourceReading> {
  try {
    const { bytes } = await readRegularFile(path, FILE_BYTES_MAX);
    return isUtf8(bytes)
      ? bytes.toString("utf8")
      : unreadable("the file is no UTF-8 text", "save it as UTF-8");
  } catch (cause) {
    return unreadable(
      `the file cannot be read: ${messageOf(cause)}`,
      "give the path of a file that this user may read",
    );
  }
}
