import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Plug-ins of third parties, as files of a directory that `remove` takes away. */
export class PlugIns {
  readonly path = mkdtempSync(join(tmpdir(), "cloudvip-plug-in-"));
  #written = 0;

  /** A plug-in whose provider has these methods beside those that every test needs; gives the path of its module. */
  write(methods = "", beforehand = ""): string {
    return this.writeModule(`
      import { appendFileSync } from "node:fs";
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const note = (text) => appendFileSync(${JSON.stringify(this.file("notes"))}, text + "\\n");
      const all = (vips, owner) => vips.map((vip) => ({ vip, owner }));
      ${beforehand}
      export const provider = {
        name: "plug-in",
        options: { safeParse: (data) => ({ success: true, data }) },
        kindOf: () => "move",
        create: (options, ports) => ({
          options, ports,
          identify: async () => ({ instanceId: "i-1", networkInterfaceId: "nic-1" }),
          plan: () => ({ calls: [] }),
          claim: async () => {},
          owner: async (vips) => all(vips, { kind: "mine", source: "api" }),
          rehearse: async () => ({ ready: true, obstacles: [] }),
          close: async () => {},
          ${methods}
        }),
      };`);
  }

  writeModule(text: string): string {
    const file = this.file(`plug-in-${++this.#written}.mjs`);
    writeFileSync(file, text);
    return file;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
