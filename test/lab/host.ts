import { RunningProcess, run } from "./process.ts";

export interface HostFacts {
  readonly name: string;
  /** The name of its network namespace. */
  readonly namespace: string;
  /** Its own address on the lab's network, without prefix length. */
  readonly address: string;
  readonly mac: string;
}

/** One server of the lab: a network namespace whose only link, `eth0`, leads to the lab's switch. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly mac: string;
  readonly interfaceName = "eth0";
  readonly #processes: RunningProcess[] = [];
  #prefix: readonly string[] = [];

  constructor(facts: HostFacts) {
    this.name = facts.name;
    this.namespace = facts.namespace;
    this.address = facts.address;
    this.mac = facts.mac;
  }

  /** Runs a command on the host to its end; returns its standard output, throws when it fails. */
  exec(...command: readonly string[]): Promise<string> {
    return run([...this.#enter(), ...command]);
  }

  /** What is started from now on gets `prefix` before its command, such as that of a control group. */
  confine(prefix: readonly string[]): void {
    this.#prefix = prefix;
  }

  /** Starts a program on the host. The pid is the program's own, and it is killed with the lab at the latest. */
  spawn(command: readonly string[], environment?: NodeJS.ProcessEnv): RunningProcess {
    const started = new RunningProcess([...this.#prefix, ...this.#enter(), ...command], environment);
    this.#processes.push(started);
    return started;
  }

  /** Every IPv4 address bound on the host's interface, with prefix length, in the kernel's order. */
  async boundAddresses(): Promise<readonly string[]> {
    const text = await run([
      "ip",
      "-n",
      this.namespace,
      "-4",
      "-j",
      "address",
      "show",
      "dev",
      this.interfaceName,
    ]);
    const [link] = JSON.parse(text) as { addr_info: { local: string; prefixlen: number }[] }[];
    return (link?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  }

  /** Whether `address` (without prefix length) is bound, with whatever prefix length. */
  async hasBound(address: string): Promise<boolean> {
    return (await this.boundAddresses()).some((bound) => bound.split("/")[0] === address);
  }

  addAddress(prefix: string): Promise<string> {
    return this.ip("address", "add", prefix, "dev", this.interfaceName);
  }

  removeAddress(prefix: string): Promise<string> {
    return this.ip("address", "del", prefix, "dev", this.interfaceName);
  }

  /** The administrator's `ip link set eth0 up|down`. Down also makes the switch lose carrier, and the peers see nothing of it. */
  setLink(state: "up" | "down"): Promise<string> {
    return this.ip("link", "set", "dev", this.interfaceName, state);
  }

  /** Runs `ip` against the host, without the cost of entering it. */
  ip(...args: readonly string[]): Promise<string> {
    return run(["ip", "-n", this.namespace, ...args]);
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.killTree()));
  }

  #enter(): readonly string[] {
    return ["ip", "netns", "exec", this.namespace];
  }
}
