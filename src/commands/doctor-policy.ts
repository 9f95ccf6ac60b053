import { isDeepStrictEqual } from "node:util";
import { OperatorError } from "../base/errors.ts";
import { loadConfig } from "../config/load.ts";
import { Clouds, type InstancePolicy } from "../doctor/cloud/clouds.ts";
import type { DoctorHost } from "../doctor/host.ts";
import { localHost } from "../doctor/local-host.ts";
import { formatChecked } from "./check-view.ts";
import { EXIT } from "./exit-codes.ts";
import { type Output, styleOf } from "./output.ts";

export interface PolicyOptions {
  readonly config: string;
  /** Documents only, so that they can be handed on to a cloud's tool. */
  readonly out?: Output;
  /** What a reader has to know beside them. */
  readonly notes?: Output;
  /** @default localHost */
  readonly openHost?: () => DoctorHost;
}

/**
 * Prints the least-privilege policy of each provider that the configuration names, each once. With what this node finds out about
 * itself and its peers; elsewhere words in capitals stand for it.
 *
 * @throws {OperatorError} `doctor/no-provider`
 */
export async function printPolicy(options: PolicyOptions): Promise<number> {
  const { out = process.stdout, notes = process.stderr, openHost = localHost } = options;
  const { config, problems } = await loadConfig(options.config);
  if (!config) {
    notes.write(await formatChecked(options.config, { config, problems }, styleOf(notes)));
    return EXIT.failed;
  }
  const clouds = await Clouds.of(config);
  const policies = await clouds.policies(openHost());
  if (policies.length === 0) throw noProvider(options.config);
  const told: InstancePolicy[] = [];
  for (const one of policies) {
    if (told.some(({ policy }) => isDeepStrictEqual(policy?.document, one.policy?.document))) continue;
    told.push(one);
    const { instance, provider, policy } = one;
    notes.write(`# ${instance}, provider ${provider}\n`);
    if (policy) out.write(`${JSON.stringify(policy.document, null, 2)}\n`);
    for (const note of policy?.notes ?? [UNTOLD]) notes.write(`# ${note}\n`);
  }
  return EXIT.ok;
}

const UNTOLD = "this provider cannot tell what it needs; see its documentation";

function noProvider(file: string): OperatorError {
  return new OperatorError({
    code: "doctor/no-provider",
    message: `${file} names no usable provider, so no cloud has to allow anything`,
    hint: "add a `provider` block to an instance; `cloudvip check` tells what is wrong with one that is there",
  });
}
