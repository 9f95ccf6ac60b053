import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";
import { CLI } from "../lab/cloudvip.ts";
import { freezerKind } from "../lab/freezer.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";

/**
 * What a test needs of the machine beyond Node: a program by its name, `root`, `namespaces` (network namespaces may be
 * made), `lab` (all that `Lab` uses), `frr`, or `built` (the compiled command line).
 */
export type Need =
  | "root"
  | "namespaces"
  | "lab"
  | "built"
  | "frr"
  | "freezer"
  | "keepalived"
  | "iptables"
  | "nft"
  | "tcpdump"
  | "tshark"
  | "ping"
  | "fping"
  | "nginx"
  | "aiosmtpd";

export const DEBIAN_PYTHON = "/usr/bin/python3";

/** FRR's daemons are not on PATH. */
export const FRR_DIRECTORY = "/usr/lib/frr";

/**
 * For `beforeEach`, or for a fixture: skips the test, with its reason in the summary, when the machine lacks something.
 * With `CLOUDVIP_REQUIRE_LAB=1` it fails instead, so that a green run there has run everything.
 */
export function requires(...needs: readonly Need[]): (context: Pick<TestContext, "skip">) => void {
  return ({ skip }) => {
    const reason = whatIsMissing(needs);
    if (reason === undefined) return;
    if (process.env["CLOUDVIP_REQUIRE_LAB"] === "1") {
      throw new Error(`CLOUDVIP_REQUIRE_LAB=1 forbids to skip this test, but ${reason}`);
    }
    skip(reason);
  };
}

/** The first lack as a reason that people understand; undefined when everything is there. */
export function whatIsMissing(needs: readonly Need[]): string | undefined {
  for (const need of needs) {
    if (!answers.has(need)) answers.set(need, lack(need));
    const reason = answers.get(need);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const answers = new Map<Need, string | undefined>();

function lack(need: Need): string | undefined {
  switch (need) {
    case "root":
      return process.getuid?.() === 0 ? undefined : "it needs root";
    case "namespaces":
      return whatIsMissing(["root"]) ?? namespaceLack();
    case "lab":
      return whatIsMissing(["namespaces", "nft", "tcpdump", "ping", "fping"]);
    case "built":
      return existsSync(CLI) ? undefined : "it needs the built command line: npm run build";
    case "freezer":
      return freezerKind() ? undefined : "it needs a control group that freezes";
    case "frr":
      return existsSync(join(FRR_DIRECTORY, "vrrpd")) ? undefined : "it needs frr, which is not installed";
    case "aiosmtpd":
      return hasPythonModule(need) ? undefined : "it needs python3-aiosmtpd, which is not installed";
    case "keepalived":
    case "iptables":
    case "nft":
    case "tcpdump":
    case "tshark":
    case "ping":
    case "fping":
    case "nginx":
      return isInstalled(need) ? undefined : `it needs ${need}, which is not installed`;
  }
}

/** Of Debian's Python: another one that comes first on PATH does not see Debian's packages. */
function hasPythonModule(name: string): boolean {
  try {
    execFileSync(DEBIAN_PYTHON, ["-c", `import ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function isInstalled(program: string): boolean {
  const directories = (TOOL_ENVIRONMENT["PATH"] ?? "").split(delimiter);
  return directories.some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Being root is not enough: a container may forbid namespaces, or lack `ip`. Trying is the only way to know. */
function namespaceLack(): string | undefined {
  const name = `cv${process.pid}-probe`;
  const options = { env: TOOL_ENVIRONMENT, stdio: "ignore" } as const;
  try {
    execFileSync("ip", ["netns", "add", name], options);
    execFileSync("ip", ["netns", "del", name], options);
    return undefined;
  } catch {
    return "it needs to make network namespaces, which this machine does not allow (or iproute2 is missing)";
  }
}
