import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for one test's programs; `remove` takes it away. */
export async function programDirectory() {
  const path = await mkdtemp(join(tmpdir(), "cloudvip-exec-"));
  return {
    path,
    /** Writes an executable shell script and gives its path. */
    async script(name: string, body: string): Promise<string> {
      const file = join(path, name);
      await writeFile(file, `#!/bin/sh\n${body}\n`);
      await chmod(file, 0o755);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
