import { readRegularFile } from "../regular-file.ts";
import { FILE_BYTES_MAX } from "./limits.ts";

/** Reads one configuration file as text; throws an `Error` whose message completes "it cannot be read: …". */
export type ReadFile = (path: string) => Promise<string>;

/**
 * Reads a file that keepalived would read, too: a regular one that is not executable. Comments in old files come in many
 * encodings; bytes that are no UTF-8 become replacement characters, and a password with one is refused.
 */
export async function readConfFile(path: string): Promise<string> {
  const { bytes, permissions } = await readRegularFile(path, FILE_BYTES_MAX);
  if ((permissions & 0o111) !== 0) {
    throw new Error("it is executable, and keepalived skips such files (chmod 644)");
  }
  return bytes.toString("utf8");
}
