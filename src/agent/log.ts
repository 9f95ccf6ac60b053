import { type DestinationStream, destination, type Logger, pino } from "pino";
import { OperatorError } from "../base/errors.ts";

/**
 * The agent's log on standard output: JSON lines for journald, readable lines on a terminal. Writing is asynchronous, so a
 * reader that has stopped reading does not stop the elections.
 *
 * @throws {OperatorError} `log/unknown-level`
 */
export async function openLog({ level }: { readonly level: string }): Promise<Logger> {
  const levels = Object.keys(pino.levels.values);
  if (!levels.includes(level)) {
    throw new OperatorError({
      code: "log/unknown-level",
      message: `there is no log level ${level}`,
      hint: `write one of ${levels.join(", ")}`,
    });
  }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, process.stdout.isTTY ? await readableStream() : destination({ dest: 1, sync: false }));
}

async function readableStream(): Promise<DestinationStream> {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ colorize: true, translateTime: "HH:MM:ss.l", ignore: "event,instance", hideObject: true });
}
