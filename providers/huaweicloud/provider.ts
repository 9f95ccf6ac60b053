/**
 * Huawei Cloud. With virtual IPs gratuitous ARP moves the address and the API only has to have bound it to every node
 * beforehand; with routes, and with an exclusive binding, the API moves it.
 */
import { messageOf } from "../../src/base/errors.ts";
import { invariant } from "../../src/base/invariant.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { seconds } from "../../src/base/units.ts";
import {
  defineProvider,
  type Identity,
  type Obstacle,
  type Ownership,
  type Plan,
  type Policy,
  type Provider,
  type ProviderPorts,
  type Readiness,
} from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { PreflightAnswer, PreflightSubject } from "../../src/provider/preflight.ts";
import { AgencyCredentials, type CredentialSource, EnvironmentCredentials } from "./credentials.ts";
import { type Mechanism, obstacleOf } from "./mechanism.ts";
import { MetadataService, type ServerMetadata } from "./metadata.ts";
import { type HuaweicloudOptions, huaweicloudOptions } from "./options.ts";
import { OwnInterface, type Self, selfFrom } from "./own-interface.ts";
import { RouteMechanism } from "./route.ts";
import { VirtualIpMechanism } from "./virtual-ip.ts";
import type { Vpc } from "./vpc.ts";

export const provider = defineProvider({
  name: "huaweicloud",
  options: huaweicloudOptions,
  checks: async () => (await import("./preflight/preflight.ts")).HUAWEICLOUD_CHECKS,
  kindOf: (options) => (options.mechanism === "virtual-ip" && !options.exclusive ? "claim" : "move"),
  create: (options, ports) => new HuaweicloudProvider(options, ports),
});

/** Every proof is an entry in the account's audit log; a permission does not change more often than this. */
const PROOF_INTERVAL_MS = 3_600_000;

/** What `identify` found out. */
interface Connected {
  readonly vpc: Vpc;
  readonly self: Self;
  readonly projectId: string;
  readonly nic: OwnInterface;
  readonly mechanism: Mechanism;
}

class HuaweicloudProvider implements Provider {
  readonly #options: HuaweicloudOptions;
  readonly #ports: ProviderPorts;
  readonly #metadata: MetadataService;
  readonly #credentials: CredentialSource;
  #connected: Connected | undefined;
  #provedAt = Number.NEGATIVE_INFINITY;

  constructor(options: HuaweicloudOptions, ports: ProviderPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#metadata = new MetadataService(options.metadata_endpoint);
    this.#credentials =
      options.credentials === "agency"
        ? new AgencyCredentials(this.#metadata)
        : new EnvironmentCredentials(process.env);
  }

  async identify(signal: AbortSignal): Promise<Identity> {
    const server = await this.#metadata.server(signal);
    const self = selfFrom(server, this.#ports.hardwareAddress, this.#ports.interfaceName);
    // Loaded here and not on top: checking a configuration needs no SDK.
    const { Vpc } = await import("./vpc.ts");
    this.#connected?.vpc.close();
    const endpoint = this.#endpoint(server);
    const projectId = this.#fromOptionsOr("project_id", server.projectId);
    const vpc = new Vpc({
      endpoint,
      projectId,
      credentials: this.#credentials,
      timeoutMs: seconds(this.#options.request_timeout),
    });
    const nic = new OwnInterface(vpc, self, this.#ports.sourceAddress);
    const mechanism =
      this.#options.mechanism === "route"
        ? new RouteMechanism(vpc, self, nic, this.#options)
        : new VirtualIpMechanism(vpc, self, nic, this.#options);
    this.#connected = { vpc, self, projectId, nic, mechanism };
    return {
      instanceId: self.serverId,
      networkInterfaceId: self.portId,
      subnetId: self.networkId,
      zone: server.zone,
      region: this.#options.region ?? server.region,
    };
  }

  plan(vips: readonly IpAddress[]): Plan {
    return this.#identified().mechanism.plan(vips);
  }

  claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    return this.#identified().mechanism.claim(vips, signal);
  }

  async owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    try {
      return await this.#identified().mechanism.owner(vips, signal);
    } catch (error) {
      signal.throwIfAborted();
      return vips.map((vip) => ({ vip, owner: { kind: "unknown", why: messageOf(error) } }));
    }
  }

  async rehearse(vips: readonly IpAddress[], signal: AbortSignal): Promise<Readiness> {
    const obstacles = await this.#obstacles(vips, signal);
    return {
      ready: obstacles.length === 0,
      obstacles,
      credentialsExpire: await this.#credentialsExpire(signal),
    };
  }

  async *preflight(subject: PreflightSubject, signal: AbortSignal): AsyncIterable<PreflightAnswer> {
    const { vpc, self, projectId, mechanism } = this.#identified();
    const { preflight } = await import("./preflight/preflight.ts");
    const { expiresAt } = await this.#credentials.current(signal);
    yield* preflight({
      ...{ vpc, self, projectId, mechanism, subject, signal },
      options: this.#options,
      sourceAddress: this.#ports.sourceAddress,
      credentialsExpireAt: expiresAt,
    });
  }

  async policy(): Promise<Policy> {
    return (await import("./preflight/policy.ts")).policyFor(this.#options);
  }

  async close(): Promise<void> {
    this.#connected?.vpc.close();
  }

  async #obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const { nic, mechanism } = this.#identified();
    try {
      const port = await nic.read(signal);
      if (Date.now() - this.#provedAt > PROOF_INTERVAL_MS) {
        await mechanism.proveRight(port, signal);
        this.#provedAt = Date.now();
      }
      return [...nic.obstacles(port), ...(await mechanism.obstacles(vips, signal))];
    } catch (error) {
      signal.throwIfAborted();
      return [obstacleOf(error)];
    }
  }

  async #credentialsExpire(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { expiresAt } = await this.#credentials.current(signal);
      return Number.isFinite(expiresAt) ? new Date(expiresAt).toISOString() : undefined;
    } catch {
      // Already among the obstacles: no call can be made without credentials.
      signal.throwIfAborted();
      return undefined;
    }
  }

  #endpoint(server: ServerMetadata): string {
    if (this.#options.endpoint !== undefined) return this.#options.endpoint.replace(/\/+$/, "");
    return `https://vpc.${this.#fromOptionsOr("region", server.region)}.myhuaweicloud.com`;
  }

  #fromOptionsOr(option: "region" | "project_id", told: string | undefined): string {
    const value = this.#options[option] ?? told;
    if (value) return value;
    throw new ProviderError({
      kind: "misconfigured",
      operation: "metadata meta_data.json",
      message: `this cloud's metadata does not tell the ${option}`,
      hint: `Write \`${option}\` in the provider block.`,
    });
  }

  #identified(): Connected {
    invariant(this.#connected !== undefined, "identify comes before every other call");
    return this.#connected;
  }
}
