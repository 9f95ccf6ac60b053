import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type DoctorOptions, doctor } from "../../../src/commands/doctor.ts";
import { localHost } from "../../../src/doctor/local-host.ts";
import { CapturedOutput } from "../../commands/captured-output.ts";
import { CLI } from "../../lab/cloudvip.ts";
import { TOOL_ENVIRONMENT } from "../../lab/process.ts";
import { waitFor } from "../../lab/wait-for.ts";
import { makePair, type Pair } from "../../linux/in-namespace.ts";

export const SELF = "10.9.0.1";
export const PEER = "10.9.0.2";
export const VIP = "10.9.0.10";
export const INTERFACE = "va";

/** Of a process's name the kernel keeps this much. */
const COMM_MAX = 15;

/** What a configuration has beside what every one here has; each line is indented as YAML wants it. */
export interface ConfigPlan {
  /** Options of the instance. */
  readonly instance?: readonly string[];
  /** Blocks beside it. */
  readonly top?: readonly string[];
}

/**
 * A host that may be broken: a network namespace with a cable to its peer, and a directory in which its files are looked for.
 * Kernel, tools and processes are real.
 */
export class ProofWorld {
  readonly #pair: Pair;
  /** Below it are `etc`, `run`, … of the host. */
  readonly root: string;
  readonly configFile: string;
  readonly #children: ChildProcess[] = [];
  #prefix: readonly string[] = [];

  private constructor(pair: Pair, root: string) {
    this.#pair = pair;
    this.root = root;
    this.configFile = join(root, "etc/cloudvip/cloudvip.yaml");
  }

  static async make(): Promise<ProofWorld> {
    const root = await mkdtemp(join(tmpdir(), "cloudvip-doctor-"));
    const world = new ProofWorld(await makePair(), root);
    // A namespace begins with the machine's own defaults.
    world.run(`sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${INTERFACE}.rp_filter=0`);
    mkdirSync(world.bin, { recursive: true });
    world.configure();
    return world;
  }

  /** Comes first on PATH while doctor works. */
  get bin(): string {
    return join(this.root, "bin");
  }

  get socket(): string {
    return join(this.root, "agent.sock");
  }

  configure({ instance = [], top = [] }: ConfigPlan = {}): void {
    const lines = [
      `global_defs: { control_socket: ${this.socket} }`,
      "vrrp_instance:",
      "  VI_1:",
      `    interface: ${INTERFACE}`,
      "    virtual_router_id: 51",
      "    priority: 150",
      `    unicast_src_ip: ${SELF}`,
      `    unicast_peer: [${PEER}]`,
      `    virtual_ipaddress: [${VIP}/24]`,
      ...instance.map((line) => `    ${line}`),
      ...top,
    ];
    this.file("/etc/cloudvip/cloudvip.yaml", `${lines.join("\n")}\n`);
  }

  /** Writes a file of the host; returns where it really is. */
  file(path: string, text: string, mode = 0o600): string {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
    writeFileSync(place, text);
    chmodSync(place, mode);
    return place;
  }

  /** A tool that this machine has not, or may not use. */
  tool(name: string, script: string): void {
    this.file(`/bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
  }

  /** Lets doctor run in a process of its own, behind these words, such as `setpriv …`; or here again, without any. */
  behind(...prefix: readonly string[]): void {
    this.#prefix = prefix;
  }

  /** Runs a command on the host, its words separated by spaces. */
  run(command: string): void {
    const [program = "", ...args] = command.split(" ");
    this.#pair.left.run(() => execFileSync(program, args, { env: TOOL_ENVIRONMENT, stdio: "pipe" }));
  }

  /** Starts a program on the host, to whose end `close` sees; resolves when the kernel knows it by its name. */
  async start(command: readonly string[]): Promise<ChildProcess> {
    const [program = "", ...args] = command;
    const child = this.#pair.left.run(() =>
      spawn(program, args, { env: TOOL_ENVIRONMENT, stdio: ["pipe", "ignore", "ignore"] }),
    );
    this.#children.push(child);
    await waitFor(() => child.pid !== undefined, { what: program });
    return child;
  }

  /** A process with the name of a daemon that cannot run in a namespace; it does nothing but wait. */
  async daemon(name: string, ...args: readonly string[]): Promise<ChildProcess> {
    const program = this.file(`/daemons/${name}`, "#!/bin/sh\nread forever\n", 0o755);
    const child = await this.start([program, ...args]);
    const here = () =>
      this.#pair.left.run(() =>
        localHost()
          .processes()
          .some(({ pid, name: known }) => pid === child.pid && known === name.slice(0, COMM_MAX)),
      );
    await waitFor(here, { what: `a process ${name}` });
    return child;
  }

  get interfaceIndex(): number {
    return Number(/^\d+/.exec(this.#pair.left.ip(`-o link show ${INTERFACE}`))?.[0]);
  }

  /** Ends a program that was started here. */
  async stop(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await gone;
  }

  /** The codes that are found among these, none of which may be unseen. */
  async codesFound(check: readonly string[]): Promise<readonly string[]> {
    const text = await this.examine({ check, json: true });
    const { findings, unseen } = JSON.parse(text) as {
      readonly findings: readonly { readonly code: string }[];
      readonly unseen: readonly { readonly code: string; readonly why: string }[];
    };
    if (unseen.length > 0) throw new Error(`not seen: ${unseen.map(({ why }) => why).join("; ")}`);
    return [...new Set(findings.map(({ code }) => code))];
  }

  /** What doctor prints. */
  async examine(options: Partial<DoctorOptions>): Promise<string> {
    const leave = this.#pair.left.enter();
    try {
      return await (this.#prefix.length > 0 ? this.#outside(options) : this.#inside(options));
    } finally {
      leave();
    }
  }

  /** Runs the command line as it is installed, without a terminal; nothing is thrown for its exit code. */
  async command(...words: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
    const args = [CLI, "doctor", "--config", this.configFile, ...words];
    const leave = this.#pair.left.enter();
    const ran = promisify(execFile)(process.execPath, args, { env: TOOL_ENVIRONMENT });
    leave();
    return ran.then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: { readonly code: number; readonly stderr: string }) => ({
        code: error.code,
        stderr: error.stderr,
      }),
    );
  }

  async close(): Promise<void> {
    for (const child of this.#children) await this.stop(child);
    this.#pair.close();
    await rm(this.root, { recursive: true });
  }

  async #inside(options: Partial<DoctorOptions>): Promise<string> {
    const out = new CapturedOutput();
    await doctor({
      config: this.configFile,
      out,
      openHost: () => localHost({ root: this.root }),
      ...options,
    });
    return out.text;
  }

  async #outside({ check = [], json }: Partial<DoctorOptions>): Promise<string> {
    const [program = "", ...args] = this.#prefix;
    const words = [process.execPath, CLI, "doctor", "--config", this.configFile, ...(json ? ["--json"] : [])];
    const codes = check.length > 0 ? ["--check", ...check] : [];
    const options = { env: TOOL_ENVIRONMENT };
    // Its exit code says what it found.
    const ran = promisify(execFile)(program, [...args, ...words, ...codes], options);
    return ran.then(
      ({ stdout }) => stdout,
      (error: { readonly stdout?: string }) => error.stdout ?? "",
    );
  }
}
