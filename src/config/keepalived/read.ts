import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { messageOf } from "../../base/errors.ts";
import type { SourceReading } from "../source.ts";
import { unreadable } from "../source.ts";
import { DocumentBuilder, type Note } from "./document.ts";
import { type ReadFile, readConfFile } from "./files.ts";
import { finishInstance } from "./finish.ts";
import { finishMail } from "./finish-mail.ts";
import { finishSyncGroups } from "./finish-sync-groups.ts";
import { finishTracking } from "./finish-tracking.ts";
import { Preprocessor } from "./preprocessor.ts";
import { applyRules } from "./rule.ts";
import { ProblemLog } from "./source.ts";
import { parseStatements } from "./statement.ts";
import { type FileDraft, newFile, opensBlock, TOP_LEVEL_RULES } from "./top-level.ts";

/** A keepalived.conf in the shape of the YAML form, with everything that was not carried over among the problems. */
export interface KeepalivedReading extends SourceReading {
  /** Where the document is right, but keepalived sees the same thing otherwise. */
  readonly notes: readonly Note[];
}

export interface ReadKeepalivedOptions {
  /** keepalived's option `-i`: which `@ID` lines hold. The host name up to its first dot by default. */
  readonly configId?: string;
  readonly readFile?: ReadFile;
  /** Is told each file that is included. */
  readonly onInclude?: (path: string) => void;
  /** For `${_ENV NAME}`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** At least 0 and below 1, for `${_RANDOM}`. */
  readonly random?: () => number;
}

/**
 * Reads a keepalived.conf and all that it includes. Whatever the text holds, the answer is a document or at least one
 * problem, never an exception. The document still has to be checked against the schema: values that keepalived would refuse
 * are replaced by those that it would use, but addresses and names are taken as they are.
 */
export async function readKeepalivedConf(
  path: string,
  options: ReadKeepalivedOptions = {},
): Promise<KeepalivedReading> {
  const readFile = options.readFile ?? readConfFile;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    const reason = `the file cannot be read: ${messageOf(error)}`;
    return {
      ...unreadable(reason, "write the path of a keepalived.conf that this user may read"),
      notes: [],
    };
  }
  const log = new ProblemLog(path);
  const preprocessor = new Preprocessor({
    log,
    readFile: (included) => {
      options.onInclude?.(included);
      return readFile(included);
    },
    configId: options.configId ?? hostname().replace(/\..*$/s, ""),
    environment: options.environment ?? process.env,
    random: options.random ?? (() => randomInt(RANDOM_STEPS) / RANDOM_STEPS),
  });
  const lines = await preprocessor.read(path, text);
  const file = newFile();
  applyRules(parseStatements(lines, opensBlock, log), TOP_LEVEL_RULES, file, { path: [], log });
  const builder = buildDocument(path, file, log);
  const { document, notes, locate } = builder;
  return { document, notes, locate, problems: log.problems };
}

const RANDOM_STEPS = 2 ** 32;

function buildDocument(path: string, file: FileDraft, log: ProblemLog): DocumentBuilder {
  const builder = new DocumentBuilder(path);
  const { routerId, startupDelay, notifyFifo, dynamicInterfaces } = file.globals;
  if (routerId !== undefined) builder.put(["global_defs", "router_id"], routerId.value, routerId.at);
  if (startupDelay !== undefined) {
    builder.put(["global_defs", "vrrp_startup_delay"], startupDelay.value, startupDelay.at);
  }
  if (dynamicInterfaces !== undefined) {
    builder.put(["global_defs", "dynamic_interfaces"], dynamicInterfaces.value, dynamicInterfaces.at);
  }
  if (notifyFifo !== undefined) builder.put(["global_defs", "notify_fifo"], notifyFifo.value, notifyFifo.at);
  finishTracking(file, builder, log);
  builder.put(["vrrp_instance"], {}, undefined);
  for (const instance of file.instances.values()) {
    finishInstance(instance, file, builder, log);
  }
  finishSyncGroups(file, builder, log);
  finishMail(file, builder, { log, hostName: hostname() });
  return builder;
}
