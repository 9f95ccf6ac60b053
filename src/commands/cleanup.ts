import { removeLeftovers } from "../agent/leftovers.ts";
import { OperatorError } from "../base/errors.ts";
import { formatPrefix } from "../base/ip.ts";
import { loadConfig } from "../config/load.ts";
import { openNetwork } from "../linux/rtnetlink.ts";
import { askStatus } from "../status/client.ts";
import { EXIT } from "./exit-codes.ts";

/**
 * Removes the VIPs of a configuration from this host: what the service's stop hook does after a crash. A living agent keeps
 * them: the hook also runs when a second one was refused.
 */
export async function cleanup({ config: path }: { readonly config: string }): Promise<number> {
  const { config } = await loadConfig(path);
  if (!config) {
    process.stderr.write(
      `cloudvip: ${path} has errors, so nothing was removed; see cloudvip check --config ${path}\n`,
    );
    return EXIT.failed;
  }
  if (await agentAnswers(config.controlSocket)) {
    process.stderr.write(
      "cloudvip: an agent is running here and owns these addresses; nothing was removed\n",
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

/** Any answer, even a late or an odd one, shows that somebody is there. */
async function agentAnswers(path: string): Promise<boolean> {
  try {
    await askStatus({ path });
    return true;
  } catch (error) {
    return !(error instanceof OperatorError && error.code === "status/no-agent");
  }
}
