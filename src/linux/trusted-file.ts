import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** As the kernel's own limit for one path. */
const LINKS_MAX = 40;

/**
 * Why somebody else could change what runs at an absolute path, or undefined when only `owners` and root can: the file, every
 * directory on the way and every link and its target are looked at. A program that runs as root and that others can replace
 * makes them root. A sticky directory such as /tmp is no danger, since others cannot replace there what is not theirs.
 *
 * @param owners user ids that are trusted beside root
 * @throws an error with the `code` ENOENT and the like when something on the way is missing
 */
export async function whyUntrusted(path: string, owners: readonly number[]): Promise<string | undefined> {
  const trusted = new Set([0, ...owners]);
  let links = 0;

  async function walk(target: string): Promise<string | undefined> {
    const parent = dirname(target);
    if (parent !== target) {
      const reason = await walk(parent);
      if (reason !== undefined) return reason;
    }
    const stats = await lstat(target);
    if (!trusted.has(stats.uid)) return `${target} belongs to the user with the number ${stats.uid}`;
    if (!stats.isSymbolicLink()) return whyWritable(target, stats);
    links += 1;
    if (links > LINKS_MAX) return `${target} is a link that leads nowhere`;
    return await walk(resolve(dirname(target), await readlink(target)));
  }

  return await walk(join("/", path));
}

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/** Root's own group may write, as keepalived allows. */
function whyWritable(path: string, stats: Stats): string | undefined {
  const { mode, gid } = stats;
  if (stats.isDirectory() && mode & STICKY) return undefined;
  if (mode & OTHERS_WRITE) return `${path} can be written by everybody`;
  return mode & GROUP_WRITES && gid !== 0
    ? `${path} can be written by the group with the number ${gid}`
    : undefined;
}
