import { removeLeftovers } from "../agent/leftovers.ts";
import { formatPrefix } from "../base/ip.ts";
import { loadConfig } from "../config/load.ts";
import { openNetwork } from "../linux/rtnetlink.ts";
import { EXIT } from "./exit-codes.ts";

/** Removes the VIPs of a configuration from this host: what the service's stop hook does after a crash. */
export async function cleanup({ config: path }: { readonly config: string }): Promise<number> {
  const { config } = await loadConfig(path);
  if (!config) {
    process.stderr.write(
      `cloudvip: ${path} has errors, so nothing was removed; see cloudvip check --config ${path}\n`,
    );
    return EXIT.failed;
  }
  const network = await openNetwork();
  for (const entry of await removeLeftovers(config.instances, network)) {
    process.stdout.write(`removed ${formatPrefix(entry)}\n`);
  }
  network.close();
  return EXIT.ok;
}
