/**
 * What the checks of a preflight look at. Each part is asked of the API once, when the first check needs it, and batched over
 * this node, its peers and the VIPs; parts that do not depend on each other are asked at once.
 */
import type {
  Address,
  Instance,
  InstanceTypeInfo,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  VpcEndpoint,
} from "@aws-sdk/client-ec2";
import { type IpAddress, type IpPrefix, ipFamily, parsePrefix } from "../../../src/base/ip.ts";
import { AskedOnce } from "../../../src/provider/asked-once.ts";
import { ProviderError } from "../../../src/provider/errors.ts";
import { THIS_NODE } from "../../../src/provider/group-node.ts";
import type { PreflightSubject } from "../../../src/provider/preflight.ts";
import type { Send } from "../ec2.ts";
import { describeInterfaces, describeOwnInterface } from "../interfaces.ts";
import type { Mechanism, MechanismContext } from "../mechanism.ts";
import type { AwsOptions } from "../options.ts";
import { addressesOf } from "../owners.ts";
import { interfacesWith } from "../private-addresses.ts";
import type { Proof } from "../proof.ts";
import type { FoundNode, Node } from "./nodes.ts";

export interface FactsSettings {
  readonly context: MechanismContext;
  readonly mechanism: Mechanism;
  readonly options: AwsOptions;
  readonly subject: PreflightSubject;
  /** The source of this node's adverts. */
  readonly sourceAddress: IpAddress;
  /** When the credentials end; undefined when they do not, or it is not known. */
  readonly credentialsExpire?: Date | undefined;
  readonly signal: AbortSignal;
}

export class Facts implements FactsSettings {
  readonly context: MechanismContext;
  readonly mechanism: Mechanism;
  readonly options: AwsOptions;
  readonly subject: PreflightSubject;
  readonly sourceAddress: IpAddress;
  readonly credentialsExpire: Date | undefined;
  readonly signal: AbortSignal;
  readonly #asked = new AskedOnce();

  constructor(settings: FactsSettings) {
    this.context = settings.context;
    this.mechanism = settings.mechanism;
    this.options = settings.options;
    this.subject = settings.subject;
    this.sourceAddress = settings.sourceAddress;
    this.credentialsExpire = settings.credentialsExpire;
    this.signal = settings.signal;
  }

  get identity() {
    return this.context.identity;
  }

  /** One cheap call, for its duration and for what the API says to it. */
  probe(): Promise<{ readonly tookMs: number; readonly error: ProviderError | undefined }> {
    return this.#asked.ask("probe", async () => {
      const start = performance.now();
      const error = await describeOwnInterface(this.context.ec2, this.identity, this.signal).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined && !(error instanceof ProviderError)) throw error;
      return { tookMs: performance.now() - start, error };
    });
  }

  /** @throws {ProviderError} when the API did not get as far as to judge */
  permissions(): Promise<readonly Proof[]> {
    return this.#asked.ask("permissions", async () => {
      const proofs = await this.mechanism.permissions(this.subject.vips, this.signal);
      const passing = proofs.find(({ error }) => error?.retry === "soon");
      if (passing?.error) throw passing.error;
      return proofs;
    });
  }

  /** The VIPs of one family. */
  vips(family: 4 | 6): readonly IpAddress[] {
    return this.subject.vips.filter((vip) => ipFamily(vip) === family);
  }

  /** This node first, then the peers in their order. */
  nodes(): Promise<readonly Node[]> {
    return this.#asked.ask("nodes", async () => {
      const interfaces = await this.#nodeInterfaces();
      const instances = await this.#instancesOf(interfaces);
      const node = (name: string, address: IpAddress, one: NetworkInterface | undefined): Node => ({
        name,
        isSelf: name === THIS_NODE,
        address,
        networkInterface: one,
        instance: instances.find(
          ({ InstanceId }) => InstanceId && InstanceId === one?.Attachment?.InstanceId,
        ),
      });
      const own = interfaces.find((one) => one.NetworkInterfaceId === this.identity.networkInterfaceId);
      const peers = this.subject.peers.map((address) =>
        node(
          address,
          address,
          interfaces.find((one) => addressesOf(one).includes(address)),
        ),
      );
      return [node(THIS_NODE, this.sourceAddress, own), ...peers];
    });
  }

  /** Those that have an interface in this VPC. */
  async foundNodes(): Promise<readonly FoundNode[]> {
    return (await this.nodes()).flatMap((node) => {
      const { networkInterface } = node;
      return networkInterface ? [{ ...node, networkInterface }] : [];
    });
  }

  /** The interfaces that have a VIP as a private address. */
  holders(family: 4 | 6): Promise<readonly NetworkInterface[]> {
    const vips = this.vips(family);
    if (vips.length === 0) return Promise.resolve([]);
    return this.#asked.ask(`holders ${family}`, () =>
      interfacesWith(this.context, family, vips, this.signal),
    );
  }

  /** The interface with this id; undefined when there is none. */
  async interfaceById(id: string): Promise<NetworkInterface | undefined> {
    return this.#asked.ask(`interface ${id}`, async () => {
      const [found] = await describeInterfaces(
        this.context.ec2,
        { "network-interface-id": [id] },
        this.signal,
      );
      return found;
    });
  }

  /** Every security group of the nodes' interfaces. */
  securityGroups(): Promise<readonly SecurityGroup[]> {
    return this.#asked.ask("groups", async () => {
      const nodes = await this.foundNodes();
      const ids = nodes.flatMap(({ networkInterface }) =>
        (networkInterface.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
      );
      const input = { Filters: [{ Name: "group-id", Values: [...new Set(ids)] }] };
      const { SecurityGroups } = await this.#call("DescribeSecurityGroups", (api, http) =>
        api.describeSecurityGroups(input, http),
      );
      return SecurityGroups ?? [];
    });
  }

  /** The blocks of a prefix list, all pages of it. */
  prefixList(id: string): Promise<readonly IpPrefix[]> {
    return this.#asked.ask(`prefix list ${id}`, async () => {
      const blocks: IpPrefix[] = [];
      let NextToken: string | undefined;
      do {
        const input = { PrefixListId: id, ...(NextToken ? { NextToken } : {}) };
        const page = await this.#call("GetManagedPrefixListEntries", (api, http) =>
          api.getManagedPrefixListEntries(input, http),
        );
        blocks.push(...(page.Entries ?? []).flatMap(({ Cidr }) => parsePrefix(Cidr ?? "") ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
      return blocks;
    });
  }

  networkAcls(): Promise<readonly NetworkAcl[]> {
    return this.#asked.ask("acls", async () => {
      const { NetworkAcls } = await this.#call("DescribeNetworkAcls", (api, http) =>
        api.describeNetworkAcls(this.#inVpc(), http),
      );
      return NetworkAcls ?? [];
    });
  }

  routeTables(): Promise<readonly RouteTable[]> {
    return this.#asked.ask("tables", async () => {
      const { RouteTables } = await this.#call("DescribeRouteTables", (api, http) =>
        api.describeRouteTables(this.#inVpc(), http),
      );
      return RouteTables ?? [];
    });
  }

  vpcEndpoints(): Promise<readonly VpcEndpoint[]> {
    return this.#asked.ask("endpoints", async () => {
      const { VpcEndpoints } = await this.#call("DescribeVpcEndpoints", (api, http) =>
        api.describeVpcEndpoints(this.#inVpc(), http),
      );
      return VpcEndpoints ?? [];
    });
  }

  /** The Elastic IPs among the VIPs. */
  elasticAddresses(): Promise<readonly Address[]> {
    return this.#asked.ask("elastic", async () => {
      const input = { Filters: [{ Name: "public-ip", Values: [...this.subject.vips] }] };
      const { Addresses } = await this.#call("DescribeAddresses", (api, http) =>
        api.describeAddresses(input, http),
      );
      return Addresses ?? [];
    });
  }

  /** The limits of each node's instance type, by the type's name. */
  instanceTypes(): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
    return this.#asked.ask("types", async () => {
      const nodes = await this.nodes();
      const names = new Set(nodes.flatMap(({ instance }) => instance?.InstanceType ?? []));
      const input = { InstanceTypes: [...names] };
      const { InstanceTypes = [] } = await this.#call("DescribeInstanceTypes", (api, http) =>
        api.describeInstanceTypes(input, http),
      );
      return new Map(InstanceTypes.map((type) => [type.InstanceType ?? "", type]));
    });
  }

  async #nodeInterfaces(): Promise<readonly NetworkInterface[]> {
    const { ec2, identity } = this.context;
    const own = { "network-interface-id": [identity.networkInterfaceId] };
    const { peers } = this.subject;
    const [mine, theirs] = await Promise.all([
      describeInterfaces(ec2, own, this.signal),
      peers.length > 0 ? interfacesWith(this.context, 4, peers, this.signal) : [],
    ]);
    return [...mine, ...theirs];
  }

  async #instancesOf(interfaces: readonly NetworkInterface[]): Promise<readonly Instance[]> {
    const ids = interfaces.flatMap(({ Attachment }) => Attachment?.InstanceId ?? []);
    if (ids.length === 0) return [];
    const input = { Filters: [{ Name: "instance-id", Values: [...new Set(ids)] }] };
    const { Reservations } = await this.#call("DescribeInstances", (api, http) =>
      api.describeInstances(input, http),
    );
    return (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  }

  #inVpc() {
    return { Filters: [{ Name: "vpc-id", Values: [this.identity.vpcId] }] };
  }

  #call<Output>(operation: string, send: Send<Output>): Promise<Output> {
    return this.context.ec2.call(operation, send, this.signal);
  }
}
