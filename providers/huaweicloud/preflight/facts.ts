/** What the checks of a preflight look at, each part asked of the API once. */
import type { IpAddress } from "../../../src/base/ip.ts";
import { AskedOnce } from "../../../src/provider/asked-once.ts";
import { ProviderError } from "../../../src/provider/errors.ts";
import { type GroupNode, THIS_NODE } from "../../../src/provider/group-node.ts";
import type { PreflightSubject } from "../../../src/provider/preflight.ts";
import type { Mechanism } from "../mechanism.ts";
import type { HuaweicloudOptions } from "../options.ts";
import type { Self } from "../own-interface.ts";
import type { Port, PublicIp, RouteTable, Vpc } from "../vpc.ts";
import { type Firewall, type SecurityGroupRule, VpcV3 } from "./vpc-v3.ts";

export interface FactsSettings {
  readonly vpc: Vpc;
  readonly self: Self;
  readonly projectId: string;
  readonly mechanism: Mechanism;
  readonly options: HuaweicloudOptions;
  readonly subject: PreflightSubject;
  readonly sourceAddress: IpAddress;
  /** Milliseconds since 1970; infinite when they do not end, undefined when there are none. */
  readonly credentialsExpireAt: number | undefined;
  readonly signal: AbortSignal;
}

/** This node or a peer. */
export interface Node extends GroupNode {
  /** Its network interface; undefined when no port has that address. */
  readonly nic: Port | undefined;
}

export interface FoundNode extends Node {
  readonly nic: Port;
}

export class Facts {
  readonly settings: FactsSettings;
  readonly v3: VpcV3;
  readonly #asked = new AskedOnce();

  constructor(settings: FactsSettings) {
    this.settings = settings;
    this.v3 = new VpcV3(settings.vpc, settings.signal);
  }

  /** One cheap call, for its duration and for what the API says to it. */
  probe(): Promise<{ readonly tookMs: number; readonly error: ProviderError | undefined }> {
    return this.#asked.ask("probe", async () => {
      const start = performance.now();
      const error = await this.ownPort().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined && !(error instanceof ProviderError)) throw error;
      return { tookMs: performance.now() - start, error };
    });
  }

  ownPort(): Promise<Port> {
    const { vpc, self, signal } = this.settings;
    return this.#asked.ask("own", () => vpc.showPort(self.portId, signal));
  }

  /** This node first, then the peers in their order. */
  nodes(): Promise<readonly Node[]> {
    return this.#asked.ask("nodes", async () => {
      const { subject, sourceAddress } = this.settings;
      const [own, ...ports] = await Promise.all([
        this.ownPort(),
        ...subject.peers.map((address) => this.portWith(address)),
      ]);
      const self: Node = { name: THIS_NODE, isSelf: true, address: sourceAddress, nic: own };
      const peers = subject.peers.map((address, index): Node => {
        return { name: address, isSelf: false, address, nic: ports[index] };
      });
      return [self, ...peers];
    });
  }

  async foundNodes(): Promise<readonly FoundNode[]> {
    return (await this.nodes()).flatMap((node) => (node.nic ? [{ ...node, nic: node.nic }] : []));
  }

  /** The port with this address: in our subnet if there is one, else a server's in another. */
  portWith(address: IpAddress): Promise<Port | undefined> {
    const { vpc, self, signal } = this.settings;
    return this.#asked.ask(`port ${address}`, async () => {
      const ports = await vpc.listPorts({ fixed_ips: `ip_address=${address}` }, signal);
      return ports.find((port) => port.network_id === self.networkId) ?? ports[0];
    });
  }

  rulesOf(group: string): Promise<readonly SecurityGroupRule[]> {
    return this.#asked.ask(`rules ${group}`, () => this.v3.rulesOf(group));
  }

  addressGroup(id: string): Promise<readonly string[]> {
    return this.#asked.ask(`addresses ${id}`, () => this.v3.addressGroup(id));
  }

  firewalls(): Promise<readonly Firewall[]> {
    return this.#asked.ask("firewalls", () => this.v3.firewalls());
  }

  routeTable(id: string): Promise<RouteTable> {
    const { vpc, signal } = this.settings;
    return this.#asked.ask(`table ${id}`, () => vpc.showRouteTable(id, signal));
  }

  publicIp(id: string): Promise<PublicIp> {
    const { vpc, signal } = this.settings;
    return this.#asked.ask(`eip ${id}`, () => vpc.showPublicIp(id, signal));
  }

  /** Every virtual IP of our subnet. */
  virtualIps(): Promise<readonly Port[]> {
    const { vpc, self, signal } = this.settings;
    const filter = { network_id: self.networkId, device_owner: "neutron:VIP_PORT" };
    return this.#asked.ask("virtual IPs", () => vpc.listPorts(filter, signal));
  }
}
