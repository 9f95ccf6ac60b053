/**
 * The network that the demo plays in: one namespace for each machine, and one for the switch between them. Everything is called
 * `cvdemo<pid>-…` after the process that made it, so that whoever comes later can tell a dead demo's leftovers.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatPrefix, type IpAddress } from "../../base/ip.ts";
import { PREFIX_LENGTH } from "./facts.ts";
import { runTool, TOOL_ENVIRONMENT } from "./tool.ts";

const NAME = /^cvdemo(\d+)-/;
const BRIDGE = "br0";
/** Of a bridge's port (linux/if_bridge.h): BR_STATE_DISABLED, BR_STATE_FORWARDING. */
const PORT_STATE = { cut: "0", healed: "3" } as const;

export class Namespaces {
  /** For configuration files and sockets. */
  readonly directory = mkdtempSync(join(tmpdir(), ownName("")));
  readonly #switch = ownName("switch");

  /** The switch, with nothing plugged in. Leftovers of dead demos are removed on the way. */
  static async create(): Promise<Namespaces> {
    removeWhere((name) => !isRunning(Number(NAME.exec(name)?.[1])));
    const namespaces = new Namespaces();
    process.once("exit", namespaces.#removeAtExit);
    await runTool(["ip", "netns", "add", namespaces.#switch]);
    // No spanning tree and no snooping: a port that comes up forwards at once, as a cloud's network does.
    await namespaces.#ipBatch(namespaces.#switch, [
      `link add name ${BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set dev ${BRIDGE} up`,
    ]);
    return namespaces;
  }

  /** Adds a machine whose interface `eth0` leads to the switch; with a MAC address of the kernel's choice unless one is given. */
  async attach(machine: string, address: IpAddress, mac?: string): Promise<void> {
    const namespace = ownName(machine);
    await runTool(["ip", "netns", "add", namespace]);
    await this.#ipBatch(this.#switch, [
      `link add name ${machine} type veth peer name eth0${mac ? ` address ${mac}` : ""} netns ${namespace}`,
      `link set dev ${machine} master ${BRIDGE} up`,
    ]);
    await this.#ipBatch(namespace, [
      "link set dev lo up",
      "link set dev eth0 up",
      `address add ${formatPrefix({ address, prefixLength: PREFIX_LENGTH })} dev eth0`,
    ]);
  }

  /** The command that runs another one on a machine, to be ended by the kernel if this process dies. */
  on(machine: string): readonly string[] {
    return ["ip", "netns", "exec", ownName(machine), "setpriv", "--pdeathsig", "KILL"];
  }

  /** The switch passes nothing from or to the machine any more, while every link keeps its carrier. */
  async cut(machine: string): Promise<void> {
    await this.#setPort(machine, PORT_STATE.cut);
  }

  async heal(machine: string): Promise<void> {
    await this.#setPort(machine, PORT_STATE.healed);
  }

  /** What a machine sends to `address` goes to this MAC address from now on, whatever ARP says: how a VPC does it. */
  async steer(machine: string, address: IpAddress, mac: string): Promise<void> {
    const entry = ["neigh", "replace", address, "lladdr", mac, "dev", "eth0", "nud", "permanent"];
    await runTool(["ip", "-n", ownName(machine), ...entry]);
  }

  /** Ends what still runs inside, and removes everything. Synchronous, to be of use when the process exits. */
  remove(): void {
    process.off("exit", this.#removeAtExit);
    this.#removeAtExit();
  }

  readonly #removeAtExit = (): void => removeWhere((name) => name.startsWith(ownName("")));

  async #setPort(machine: string, state: string): Promise<void> {
    await runTool(["bridge", "-n", this.#switch, "link", "set", "dev", machine, "state", state]);
  }

  async #ipBatch(namespace: string, lines: readonly string[]): Promise<void> {
    await runTool(["ip", "-n", namespace, "-batch", "-"], `${lines.join("\n")}\n`);
  }
}

/** How the demo of this process calls what it makes on the machine. */
export function ownName(part: string): string {
  return `cvdemo${process.pid}-${part}`;
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function removeWhere(unwanted: (name: string) => boolean): void {
  const isUnwanted = (name: string) => NAME.test(name) && unwanted(name);
  const namespaces = ip("netns", "list").map((line) => line.split(" ")[0] ?? "");
  for (const namespace of namespaces.filter(isUnwanted)) {
    for (const pid of ip("netns", "pids", namespace)) killQuietly(Number(pid));
    ip("netns", "del", namespace);
  }
  for (const directory of readdirSync(tmpdir()).filter(isUnwanted)) {
    removeQuietly(join(tmpdir(), directory));
  }
}

/** The lines that `ip` prints; none when it fails, as it does for what is gone already. */
function ip(...args: readonly string[]): string[] {
  try {
    const text = execFileSync("ip", args, { env: TOOL_ENVIRONMENT, encoding: "utf8", stdio: "pipe" });
    return text.split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}

/** What belongs to somebody else stays. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Nobody is in its way.
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
