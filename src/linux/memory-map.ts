/** One range of this process's memory, as proc_pid_smaps(5) tells it. */
export interface Mapping {
  readonly start: number;
  readonly bytes: number;
  /** Of these in memory now. */
  readonly residentBytes: number;
  /** Code or constants of a program or library: read-only, and never written, so the file holds all of it. */
  readonly isProgram: boolean;
}

/** `7f00-7f10 r-xp 00000000 fe:00 1234  /usr/bin/node`: the range, its permissions, and the inode, 0 where there is no file. */
const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+)/;

/** Reads the text of `/proc/PID/smaps`. */
export function readMappings(smaps: string): readonly Mapping[] {
  // Each entry begins with its range; the lines of figures below it begin with a capital letter.
  return smaps.split(/^(?=[0-9a-f]+-)/m).flatMap((entry) => {
    const [, from = "", to = "", permissions = "", inode] = HEAD.exec(entry) ?? [];
    if (inode === undefined) return [];
    const start = Number.parseInt(from, 16);
    const isReadOnly = permissions[1] === "-" && permissions[3] === "p";
    return {
      start,
      bytes: Number.parseInt(to, 16) - start,
      residentBytes: figure(entry, "Rss"),
      // The dynamic linker writes into some ranges before it makes them read-only; those pages exist nowhere else.
      isProgram: inode !== "0" && isReadOnly && figure(entry, "Anonymous") === 0,
    };
  });
}

/** In bytes; the file says kB and means KiB. */
function figure(entry: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(entry)?.[1];
  // A kernel that does not tell how much was written leaves it open, and then nothing may be dropped.
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}
