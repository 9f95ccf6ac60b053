import { isatty } from "node:tty";
import { type Logger, pino } from "pino";
import { OperatorError } from "../base/errors.ts";
import { LogOutput } from "./log-output.ts";

/**
 * The agent's log on standard output: JSON lines for journald, readable lines on a terminal. A reader that has
 * stopped reading does not stop the elections.
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
  if (!isatty(1)) {
    const log: Logger = pino(
      options,
      new LogOutput(1, (dropped) => {
        const what = `${dropped} line${dropped === 1 ? "" : "s"} of this log`;
        log.warn({ event: "log-lines-dropped", dropped }, `dropped ${what}: for a while nothing took them`);
      }),
    );
    return log;
  }
  const { readableStream } = await import("./log-for-people.ts");
  return pino(options, readableStream());
}
