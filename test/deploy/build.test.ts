import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI } from "../lab/cloudvip.ts";

const BUILT = dirname(CLI);
/** In what only a cloud's SDK has: the name of an operation, or of the package. */
const SDK = /AssignPrivateIpAddressesCommand|@huaweicloud\/huaweicloud-sdk/;

describe("what is built", () => {
  it("starts an agent without any cloud's SDK", () => {
    for (const name of ["cli.js", "agent.script", "read-config.script", "side-main.js", "config-worker.js"]) {
      const text = read(name);
      expect(text).not.toMatch(SDK);
      expect(text).not.toMatch(/\bimport\((?!"\.\/command-line\.js")/);
    }
  });

  it("starts the service thread without an SDK, and loads one where it is configured", () => {
    const atOnce = closureOf("service-worker.js", /\bfrom\s*"\.\/([^"]+)"|^import\s*"\.\/([^"]+)"/gm);
    for (const name of atOnce) expect(read(name)).not.toMatch(SDK);
    const sooner = closureOf("service-worker.js", /"\.\/([^"]+\.js)"/g);
    expect([...sooner].some((name) => SDK.test(read(name)))).toBe(true);
  });

  it("has of AWS's SDK what the provider calls", () => {
    const sdk = readdirSync(BUILT)
      .filter((name) => name.startsWith("ec2-api-"))
      .map(read)
      .join();
    expect(sdk).toContain("AssignPrivateIpAddresses");
    expect(sdk).not.toContain("RunInstances");
    expect(sdk.length).toBeLessThan(400_000);
  });
});

function read(name: string): string {
  return readFileSync(join(BUILT, name), "utf8");
}

/** The file and all that it reaches through what `links` finds. */
function closureOf(first: string, links: RegExp): ReadonlySet<string> {
  const found = new Set([first]);
  for (const name of found) {
    for (const [, ...targets] of read(name).matchAll(links)) {
      const target = targets.find((text) => text !== undefined);
      if (target?.endsWith(".js") && readdirSync(BUILT).includes(target)) found.add(target);
    }
  }
  return found;
}
