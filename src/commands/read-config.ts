import type { Config } from "../config/config.ts";
import { checkAgainstHost, type HostView } from "../config/host.ts";
import { loadConfig } from "../config/load.ts";
import { locateMistakes } from "../config/mistake.ts";
import { type ConfigProblem, hasErrors } from "../config/problem.ts";

export interface ConfigRequest {
  readonly path: string;
  /** Instead of the configured `control_socket`. */
  readonly controlSocket: string | undefined;
  readonly host: HostView;
}

/** Plain data, which threads can pass on. */
export interface ConfigReading {
  /** Undefined when there is an error. */
  readonly config: Config | undefined;
  readonly problems: readonly ConfigProblem[];
  /** Whether the file is wrong by itself, or does not fit this host as it is now. */
  readonly fault: "file" | "host" | undefined;
}

/** What the file says, and what the host says to it. */
export async function readConfig({ path, controlSocket, host }: ConfigRequest): Promise<ConfigReading> {
  const { config, problems, locate } = await loadConfig(path);
  if (!config) return { config, problems, fault: "file" };
  const all = [...problems, ...locateMistakes(checkAgainstHost(config, host), locate)];
  if (hasErrors(all)) return { config: undefined, problems: all, fault: "host" };
  return { config: controlSocket ? { ...config, controlSocket } : config, problems: all, fault: undefined };
}
