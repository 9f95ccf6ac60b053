import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";

/** Settles, uses Node again, and says what became of it. In a process of its own: nothing is given back. */
const PROGRAM = `
import { readFileSync } from "node:fs";
import { adviseMemory, MADV_DONTNEED } from "${fileURLToPath(new URL("../../src/linux/libc.ts", import.meta.url))}";
import { settleMemory } from "${fileURLToPath(new URL("../../src/linux/memory.ts", import.meta.url))}";
const mapped = () => Number(/^Pss_File: +(\\d+)/m.exec(readFileSync("/proc/self/smaps_rollup", "utf8"))?.[1]);
const locked = () => Number(/^VmLck:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
// libc's door is mapped by the first call through it, as it is in an agent that has opened its sockets.
adviseMemory(0, 0, MADV_DONTNEED);
const residentBefore = mapped();
const first = await settleMemory();
const residentAfter = mapped();
// V8 takes its heap apart and gives it back: it ends the process where it may not.
for (let round = 0; round < 3; round++) {
  let heap = Array.from({ length: 300_000 }, (_, index) => ({ index }));
  heap = [];
  gc();
  gc();
}
const second = await settleMemory();
console.log(JSON.stringify({ first, second, residentBefore, residentAfter, lockedKb: locked() }));
`;

it("lets go of code that only the start used, locks the rest as it is used, and leaves V8 to its heap", async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["koffi"],
  });
  const text = outputFiles[0]?.text ?? "";
  const output = execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", text], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    encoding: "utf8",
  });
  const { first, second, residentBefore, residentAfter, lockedKb } = JSON.parse(output);
  expect(first.releasedBytes).toBeGreaterThan(10 * 2 ** 20);
  expect(residentAfter).toBeLessThan(residentBefore);
  if (first.lock === "locked") {
    expect(lockedKb).toBeGreaterThan(10_000);
    expect(second).toEqual({ releasedBytes: 0, lock: "locked" });
  } else {
    // An ordinary user may lock 8 MB; Node alone has more.
    expect(["ENOMEM", "EPERM", "EAGAIN"]).toContain(first.lock);
  }
});
