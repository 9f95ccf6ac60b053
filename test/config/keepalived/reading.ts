import { Preprocessor } from "../../../src/config/keepalived/preprocessor.ts";
import {
  type KeepalivedReading,
  type ReadKeepalivedOptions,
  readKeepalivedConf,
} from "../../../src/config/keepalived/read.ts";
import { ProblemLog } from "../../../src/config/keepalived/source.ts";
import type { ConfigProblem } from "../../../src/config/problem.ts";
import { isMap } from "../../../src/config/value.ts";

/** Where the text of a test pretends to stand. */
export const CONF = "/etc/keepalived/keepalived.conf";

export interface ConfOptions extends Omit<ReadKeepalivedOptions, "readFile"> {
  /** Other files by their absolute path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Reads `text` as /etc/keepalived/keepalived.conf on a node whose config id is node-a. */
export function readConf(
  text: string,
  { files = {}, ...options }: ConfOptions = {},
): Promise<KeepalivedReading> {
  return readKeepalivedConf(CONF, {
    configId: "node-a",
    ...options,
    readFile: fileReader({ [CONF]: text, ...files }),
  });
}

/** The configuration proper, after comments, conditions, definitions, repetitions and includes. */
export async function logicalLines(
  text: string,
  { files = {}, ...options }: ConfOptions = {},
): Promise<{ lines: readonly string[]; places: readonly string[]; problems: readonly string[] }> {
  const log = new ProblemLog(CONF);
  const preprocessor = new Preprocessor({
    log,
    configId: "node-a",
    environment: {},
    random: () => 0.5,
    ...options,
    readFile: fileReader(files),
  });
  const lines = await preprocessor.read(CONF, text);
  return {
    lines: lines.map((line) => line.text),
    places: lines.map(({ at, text: line }) => `${at.file.split("/").at(-1)}:${at.line} ${line}`),
    problems: log.problems.map(oneLine),
  };
}

/** `8 warning vrrp_instance.VI_1.priority: "300" is not …`, without the fix. */
export function oneLine({ file, line, severity, path, message }: ConfigProblem): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  return `${place} ${severity} ${path === "" ? "" : `${path}: `}${message}`.trim();
}

/** Six lines of a sound instance; `more` begins on line 7. */
export function withStatements(more: string, head = "vrrp_instance VI_1"): string {
  return [
    `${head} {`,
    "  interface eth0",
    "  virtual_router_id 51",
    "  unicast_src_ip 192.0.2.1",
    "  unicast_peer { 192.0.2.2 }",
    "  virtual_ipaddress { 192.0.2.10/24 }",
    more,
    "}",
    "",
  ].join("\n");
}

/** The options of the instance VI_1. */
export function optionsOf({ document }: KeepalivedReading): Readonly<Record<string, unknown>> {
  const instances = isMap(document) ? document["vrrp_instance"] : undefined;
  const options = isMap(instances) ? instances["VI_1"] : undefined;
  return isMap(options) ? options : {};
}

function fileReader(files: Readonly<Record<string, string>>): (path: string) => Promise<string> {
  return async (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("there is no such file");
    return text;
  };
}
