import type { DestinationStream } from "pino";
import pretty from "pino-pretty";

/** The agent's log as lines that people read on a terminal. */
export function readableStream(): DestinationStream {
  return pretty({ colorize: true, translateTime: "HH:MM:ss.l", ignore: "event,instance", hideObject: true });
}
