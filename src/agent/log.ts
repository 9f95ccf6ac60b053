import { type DestinationStream, destination, type Logger, pino } from "pino";

/**
 * The agent's log on standard output: JSON lines for journald, readable lines on a terminal. Writing is asynchronous, so a
 * reader that has stopped reading does not stop the elections.
 */
export async function openLog({ level }: { readonly level: string }): Promise<Logger> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, process.stdout.isTTY ? await readableStream() : destination({ dest: 1, sync: false }));
}

async function readableStream(): Promise<DestinationStream> {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ colorize: true, translateTime: "HH:MM:ss.l", ignore: "event,instance", hideObject: true });
}
