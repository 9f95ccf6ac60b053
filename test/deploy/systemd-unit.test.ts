import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, type TestContext, test } from "vitest";

const UNIT_FILE = new URL("../../deploy/systemd/cloudvip.service", import.meta.url);
const UNIT = readFileSync(UNIT_FILE, "utf8");
const SYSUSERS = readFileSync(new URL("../../deploy/sysusers.d/cloudvip.conf", import.meta.url), "utf8");

/** What the manual calls "OK"; an ordinary unit without restrictions has 9.6. */
const EXPOSURE_MAX = 3;

describe("the systemd unit", () => {
  test("gives the agent the two capabilities that it needs, and no others", () => {
    expect(values("CapabilityBoundingSet")).toEqual(["CAP_NET_ADMIN CAP_NET_RAW"]);
    expect(values("AmbientCapabilities")).toEqual(["CAP_NET_ADMIN CAP_NET_RAW"]);
    expect(values("NoNewPrivileges")).toEqual(["yes"]);
  });

  test("lets Node compile: memory may become executable", () => {
    expect(values("MemoryDenyWriteExecute")).toEqual([]);
  });

  test("lets the agent lock its code in memory, and keeps the rest from being swapped out", () => {
    expect(values("LimitMEMLOCK")).toEqual(["256M"]);
    expect(values("MemorySwapMax")).toEqual(["0"]);
  });

  test("allows each kind of socket that the agent opens", () => {
    expect(values("RestrictAddressFamilies").join(" ").split(" ").sort()).toEqual([
      "AF_INET",
      "AF_INET6",
      "AF_NETLINK",
      "AF_PACKET",
      "AF_UNIX",
    ]);
  });

  test("hears from the agent that it listens, that it lives, and removes VIPs however it ended", () => {
    expect(values("Type")).toEqual(["notify"]);
    expect(values("WatchdogSec")).toEqual(["5s"]);
    expect(values("Restart")).toEqual(["on-failure"]);
    expect(values("ExecStopPost")).toEqual(["cloudvip cleanup --config /etc/cloudvip/cloudvip.yaml"]);
  });

  test("runs as a user that can write where the control socket is, and that sysusers makes", () => {
    const [user] = values("User");
    expect(values("RuntimeDirectory")).toEqual(["cloudvip"]);
    expect(SYSUSERS).toMatch(new RegExp(`^u ${user} `, "m"));
  });

  test("uses one configuration file throughout", () => {
    const files = values("ExecStart", "ExecReload", "ExecStopPost").flatMap(
      (command) => /--config (\S+)/.exec(command)?.[1] ?? [],
    );
    expect(new Set(files)).toEqual(new Set(["/etc/cloudvip/cloudvip.yaml"]));
    expect(files).toHaveLength(3);
  });
});

describe("systemd itself", () => {
  let directory: string;
  let unit: string;

  beforeEach((context) => {
    requireSystemdAnalyze(context);
    directory = mkdtempSync(join(tmpdir(), "cloudvip-unit-"));
    unit = join(directory, "cloudvip.service");
    // systemd looks the program up, and where the tests run it is not installed.
    writeFileSync(unit, UNIT.replaceAll(/^(Exec\w+=)cloudvip /gm, `$1${process.execPath} `));
  });
  afterEach(() => {
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  test("finds nothing to complain of in the unit", () => {
    const { status, stdout, stderr } = analyze("verify", "--recursive-errors=no", unit);
    const complaints = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("cloudvip.service"));
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
  });

  test("rates its exposure as 3.0 or less", () => {
    const { stdout } = analyze("security", "--offline=true", "--no-pager", unit);
    const exposure = /Overall exposure level for cloudvip\.service: ([\d.]+)/.exec(stdout)?.[1];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
  });
});

/** All values of the given settings, in the unit's order. */
function values(...names: readonly string[]): string[] {
  return UNIT.split("\n").flatMap((line) => {
    const [name = "", ...rest] = line.split("=");
    return names.includes(name) ? [rest.join("=")] : [];
  });
}

/** `security --offline` came with systemd 250. */
function requireSystemdAnalyze({ skip }: Pick<TestContext, "skip">): void {
  const { stdout, error } = analyze("--version");
  if (error) skip("it needs systemd-analyze, which is not installed");
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1]);
  if (!(version >= 250)) skip("it needs systemd-analyze 250 or newer");
}

function analyze(...words: readonly string[]) {
  return spawnSync("systemd-analyze", words, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
}
