import { OperatorError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import type { ChannelConfig } from "../config/notify-config.ts";
import type { Outcome } from "../notify/outcome.ts";
import { sendTest } from "../notify/test-message.ts";
import { formatChecked } from "./check-view.ts";
import { EXIT } from "./exit-codes.ts";
import { type Output, wantsColor } from "./output.ts";

export interface NotifyOptions {
  readonly config: string;
  readonly test?: boolean;
  /** Only this channel. */
  readonly channel?: string;
  /** One object for programs instead of lines for people. */
  readonly json?: boolean;
  readonly out?: Output;
  readonly err?: Output;
}

/**
 * Sends a test message through each channel, all at once.
 *
 * @returns 0 when every receiver took it, 1 otherwise
 * @throws {OperatorError} `notify/no-test`, `notify/no-channel`
 */
export async function notify(options: NotifyOptions): Promise<number> {
  const { config: file, test, json, out = process.stdout, err = process.stderr } = options;
  if (!test) {
    const hint = "write cloudvip notify --test";
    throw new OperatorError({ code: "notify/no-test", message: "there is nothing to send but a test", hint });
  }
  const { config, problems } = await loadConfig(file);
  if (!config) {
    const color = wantsColor(err, process.env);
    err.write(await formatChecked(file, { config, problems }, { color }));
    return EXIT.failed;
  }
  const channels = channelsOf(config, options.channel);
  const results = await Promise.all(channels.map((channel) => tryChannel(channel, config.routerId)));
  out.write(
    json
      ? `${JSON.stringify({ version: 1, channels: results }, null, 2)}\n`
      : results.map((result) => `${inWords(result)}\n`).join(""),
  );
  return results.every(({ outcome }) => outcome.kind === "delivered") ? EXIT.ok : EXIT.failed;
}

interface Result {
  readonly name: string;
  readonly type: ChannelConfig["type"];
  readonly tookMs: number;
  readonly outcome: Outcome;
}

async function tryChannel(channel: ChannelConfig, node: string): Promise<Result> {
  const { name, type } = channel;
  const start = performance.now();
  const outcome = await sendTest(channel, node);
  return { name, type, tookMs: Math.round(performance.now() - start), outcome };
}

function inWords({ name, type, tookMs, outcome }: Result): string {
  const what = `${name} (${type})`;
  switch (outcome.kind) {
    case "delivered":
      return `${what}: delivered in ${tookMs} ms`;
    case "refused":
      return `${what}: NOT delivered: ${outcome.why}\n  ${outcome.hint}`;
    case "failed":
    case "rejected":
      return `${what}: NOT delivered: ${outcome.why}`;
  }
}

function channelsOf({ notify: configured }: Config, wanted: string | undefined): readonly ChannelConfig[] {
  const all = configured?.channels ?? [];
  const channels = all.filter(({ name }) => wanted === undefined || name === wanted);
  if (channels.length > 0) return channels;
  const names = all.map(({ name }) => name).join(", ");
  throw new OperatorError({
    code: "notify/no-channel",
    message: wanted === undefined ? "no channel is configured" : `there is no channel ${wanted}`,
    hint: names === "" ? "write one below notify: channels: in the configuration" : `choose from ${names}`,
  });
}
