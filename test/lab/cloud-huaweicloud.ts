import { type HuaweiEmulator, startHuaweiEmulator } from "../cloud/huaweicloud/emulator.ts";
import { exampleCloud } from "../cloud/huaweicloud/example-cloud.ts";
import { type CloudState, type Port, VIP_DEVICE_OWNER } from "../cloud/huaweicloud/wire.ts";
import { CloudNode } from "./cloud-node.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { listenOn } from "./listen.ts";
import type { Observer } from "./observer.ts";

type Options = Readonly<Record<string, unknown>>;

/** Two hosts that are servers of an emulated cloud; the API and the metadata are on a third host, as real packets. */
export class HuaweiPair {
  /** The MASTER. */
  readonly a: CloudNode;
  readonly b: CloudNode;
  readonly observer: Observer;
  readonly emulator: HuaweiEmulator;
  readonly vip: string;

  private constructor(facts: Pick<HuaweiPair, "a" | "b" | "observer" | "emulator" | "vip">) {
    this.a = facts.a;
    this.b = facts.b;
    this.observer = facts.observer;
    this.emulator = facts.emulator;
    this.vip = facts.vip;
  }

  /** Makes the hosts and the cloud, with the virtual IP bound to both; no agent runs yet. */
  static async prepare(lab: Lab, options: Options = {}): Promise<HuaweiPair> {
    const [hostA, hostB] = await Promise.all([lab.host("a"), lab.host("b")]);
    const api = await lab.host("api");
    const vip = lab.vip();
    const emulator = await startHuaweiEmulator({
      state: cloudOf([hostA, hostB], vip),
      host: api.address,
      openSocket: () => listenOn(api),
    });
    lab.beforeClose(() => emulator.close());
    const node = (host: Host, peer: Host, priority: number) => {
      const server = Object.values(emulator.state().servers).find(({ name }) => name === host.name);
      const endpoints = { endpoint: emulator.url, metadata_endpoint: emulator.metadataUrl(server?.id ?? "") };
      const provider = { name: "huaweicloud", mechanism: "virtual-ip", ...QUICK, ...endpoints, ...options };
      const instance = { priority, peers: [peer.address], vips: [vip], advertInt: 0.1, provider };
      return new CloudNode({ lab, host, instance });
    };
    const [a, b] = [node(hostA, hostB, 150), node(hostB, hostA, 100)];
    return new HuaweiPair({ a, b, emulator, vip, observer: await lab.observe() });
  }

  /** Starts `a`, and `b` when `a` is MASTER and the cloud agrees. */
  async start(): Promise<void> {
    this.a.start();
    await this.a.waitForEvent("cloud-verified");
    this.b.start();
    await this.b.agent.waitForState("BACKUP");
  }

  /** The addresses to which the virtual IP is bound. */
  bindings(): readonly string[] {
    return this.#vipPort().allowed_address_pairs.map(({ ip_address }) => ip_address);
  }

  /** Binds the virtual IP as a person does in the console. */
  bindTo(addresses: readonly string[]): void {
    const port = this.#vipPort();
    const { mac_address } = port;
    const allowed_address_pairs = addresses.map((ip_address) => ({ ip_address, mac_address }));
    this.emulator.change((state) => ({
      ...state,
      ports: { ...state.ports, [port.id]: { ...port, allowed_address_pairs } },
    }));
  }

  /** How often an agent changed the binding. */
  bindingsWritten(): number {
    const { id } = this.#vipPort();
    const updates = this.emulator.journal.entries({ action: "UpdatePort" });
    return updates.filter(({ params }) => params["port_id"] === id).length;
  }

  #vipPort(): Port {
    const { ports } = this.emulator.state();
    const port = Object.values(ports).find(({ device_owner }) => device_owner === VIP_DEVICE_OWNER);
    if (!port) throw new Error("the emulated cloud has no virtual IP");
    return port;
  }
}

/** Quick, so that a test need not wait long; the deadlines are such that a busy machine does not miss them. */
const QUICK = { verify_interval: 0.5, consistency_window: 0.2, request_timeout: 2 };

/** The lab's network as the one subnet. */
function cloudOf(hosts: readonly Host[], vip: string): CloudState {
  const state = exampleCloud({ servers: hosts, virtualAddresses: [vip] });
  const subnets = Object.entries(state.subnets).map(([id, subnet]) => [
    id,
    { ...subnet, cidr: "10.77.0.0/16" },
  ]);
  return { ...state, subnets: Object.fromEntries(subnets) };
}
