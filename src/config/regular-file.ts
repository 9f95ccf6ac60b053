import { constants } from "node:fs";
import { open } from "node:fs/promises";

export interface RegularFile {
  readonly bytes: Buffer;
  /** Permission bits, such as 0o600. */
  readonly permissions: number;
}

/**
 * Reads a regular file of at most `bytesMax` bytes.
 *
 * @throws {Error} when it cannot be read, is a directory, pipe or device, or is larger
 */
export async function readRegularFile(path: string, bytesMax: number): Promise<RegularFile> {
  // Without O_NONBLOCK a named pipe would wait for its writer for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error("it is no regular file");
    if (stats.size > bytesMax) throw new Error(`it has ${stats.size} bytes, and ${bytesMax} is the most`);
    return { bytes: await file.readFile(), permissions: stats.mode & 0o777 };
  } finally {
    await file.close();
  }
}
