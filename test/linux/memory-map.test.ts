import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readMappings } from "../../src/linux/memory-map.ts";

describe("this process's mappings", () => {
  it("are program where a file is mapped read-only and nothing was ever written", () => {
    const figures = (rss: number, anonymous: number) =>
      `Size: 8 kB\nRss: ${rss} kB\nAnonymous: ${anonymous} kB`;
    const smaps = [
      `00400000-00402000 r-xp 00000000 fe:00 12 /usr/bin/node\n${figures(8, 0)}`,
      `00402000-00404000 r--p 00002000 fe:00 12 /usr/bin/node\n${figures(4, 4)}`,
      `00404000-00406000 rw-p 00004000 fe:00 12 /usr/bin/node\n${figures(4, 0)}`,
      `00406000-00408000 r--s 00000000 fe:00 13 /var/cache/shared\n${figures(4, 0)}`,
      `00408000-0040a000 r--p 00000000 00:00 0 \n${figures(4, 0)}`,
      "0040a000-0040c000 r-xp 00000000 fe:00 12 /usr/bin/node\nRss: 4 kB",
      `7fff00000000-7fff00002000 r-xp 00000000 00:00 0 [vdso]\n${figures(8, 0)}`,
      "",
    ].join("\n");
    expect(readMappings(smaps)).toEqual(
      [
        [0x400000, 8, true],
        [0x402000, 4, false],
        [0x404000, 4, false],
        [0x406000, 4, false],
        [0x408000, 4, false],
        [0x40a000, 4, false],
        [0x7fff00000000, 8, false],
      ].map(([start, kilobytes, isProgram]) => ({
        start,
        bytes: 8192,
        residentBytes: Number(kilobytes) * 1024,
        isProgram,
      })),
    );
  });

  it("are read as the kernel writes them", () => {
    const program = readMappings(readFileSync("/proc/self/smaps", "utf8")).filter(
      ({ isProgram }) => isProgram,
    );
    // Node's code, its constants, and libc at least.
    expect(program.length).toBeGreaterThan(3);
    for (const { start, bytes, residentBytes } of program) {
      expect(start % 4096).toBe(0);
      expect(residentBytes).toBeLessThanOrEqual(bytes);
    }
  });
});
