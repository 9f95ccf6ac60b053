import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { FILE_BYTES_MAX } from "./limits.ts";

/** Reads one configuration file as text; throws an `Error` whose message completes "it cannot be read: …". */
export type ReadFile = (path: string) => Promise<string>;

/** Reads a file that keepalived would read, too: a regular one that is not executable. */
export async function readRegularFile(path: string): Promise<string> {
  // Without O_NONBLOCK a named pipe would wait for its writer for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error("it is no regular file");
    if ((stats.mode & 0o111) !== 0)
      throw new Error("it is executable, and keepalived skips such files (chmod 644)");
    if (stats.size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
