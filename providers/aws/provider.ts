/** AWS: the VIP as a secondary address, an Elastic IP, a route, or a whole network interface. See README.md. */
import type { IpAddress } from "../../src/base/ip.ts";
import { seconds } from "../../src/base/units.ts";
import {
  defineProvider,
  type Identity,
  type Ownership,
  type Plan,
  type Policy,
  type Provider,
  type ProviderPorts,
  type Readiness,
} from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { PreflightAnswer, PreflightSubject } from "../../src/provider/preflight.ts";
import { ByFamily } from "./by-family.ts";
import { Ec2 } from "./ec2.ts";
import { ElasticIp } from "./elastic-ip.ts";
import { type AwsIdentity, readIdentity } from "./identity.ts";
import { describeOwnInterface } from "./interfaces.ts";
import { Ipv6 } from "./ipv6.ts";
import type { Mechanism, MechanismContext } from "./mechanism.ts";
import { Metadata } from "./metadata.ts";
import { NetworkInterfaceMechanism } from "./network-interface.ts";
import { obstacleFrom } from "./obstacles.ts";
import { type AwsOptions, awsOptions } from "./options.ts";
import { RouteMechanism } from "./route.ts";
import { SecondaryIp } from "./secondary-ip.ts";

export const provider = defineProvider({
  name: "aws",
  options: awsOptions,
  kindOf: () => "move",
  checks: async () => (await import("./preflight/preflight.ts")).AWS_CHECKS,
  create: (options, ports) => new AwsProvider(options, ports),
});

/** What is known after {@link AwsProvider.identify}. */
interface Ready {
  readonly identity: AwsIdentity;
  readonly ec2: Ec2;
  readonly mechanism: Mechanism;
}

class AwsProvider implements Provider {
  readonly #options: AwsOptions;
  readonly #ports: ProviderPorts;
  readonly #metadata: Metadata;
  #ready: Ready | undefined;

  constructor(options: AwsOptions, ports: ProviderPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#metadata = new Metadata(seconds(options.connect_timeout), options.metadata_endpoint);
  }

  async identify(signal: AbortSignal): Promise<Identity> {
    const identity = await readIdentity(this.#metadata, this.#ports, signal);
    refuseOtherRegion(this.#options.region, identity.region);
    await this.#ready?.ec2.close();
    const ec2 = this.#connect(identity.region);
    this.#ready = { identity, ec2, mechanism: this.#mechanism({ ...this.#context(), ec2, identity }) };
    await ec2.warmUp(signal);
    await ec2.keepWarm(() => describeOwnInterface(ec2, identity, new AbortController().signal));
    return identity;
  }

  plan(vips: readonly IpAddress[]): Plan {
    return { calls: this.#identified().mechanism.plan(vips) };
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    await this.#identified().mechanism.claim(vips, signal);
  }

  owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    return this.#identified().mechanism.owner(vips, signal);
  }

  async rehearse(vips: readonly IpAddress[], signal: AbortSignal): Promise<Readiness> {
    const { ec2, mechanism } = this.#identified();
    try {
      const expires = await ec2.warmUp(signal);
      const obstacles = await mechanism.obstacles(vips, signal);
      return { ready: obstacles.length === 0, obstacles, credentialsExpire: expires?.toISOString() };
    } catch (error) {
      signal.throwIfAborted();
      return { ready: false, obstacles: [obstacleFrom(error)], credentialsExpire: undefined };
    }
  }

  async *preflight(subject: PreflightSubject, signal: AbortSignal): AsyncIterable<PreflightAnswer> {
    const ready = this.#identified();
    const { preflight } = await import("./preflight/preflight.ts");
    const credentialsExpire = await ready.ec2.warmUp(signal);
    yield* preflight({ ...this.#settings(ready, subject, signal), credentialsExpire });
  }

  async policy(subject: PreflightSubject, signal: AbortSignal): Promise<Policy> {
    if (this.#ready) {
      const { policy } = await import("./preflight/preflight.ts");
      return policy(this.#settings(this.#ready, subject, signal));
    }
    const { NOTHING_KNOWN, policyFor } = await import("./preflight/policy.ts");
    return policyFor(this.#options, subject, NOTHING_KNOWN);
  }

  async close(): Promise<void> {
    await this.#ready?.ec2.close();
  }

  #identified(): Ready {
    if (this.#ready) return this.#ready;
    throw new ProviderError({
      kind: "unreachable",
      operation: "identify",
      message: "this server was not found in the cloud yet",
      hint: "See the error of the first attempt in the log.",
    });
  }

  #connect(region: string): Ec2 {
    const { endpoint, connect_timeout, request_timeout } = this.#options;
    return new Ec2({
      region,
      endpoint,
      connectTimeoutMs: seconds(connect_timeout),
      requestTimeoutMs: seconds(request_timeout),
      metadata: this.#metadata,
    });
  }

  #settings({ identity, ec2, mechanism }: Ready, subject: PreflightSubject, signal: AbortSignal) {
    const context = { ...this.#context(), ec2, identity };
    const { sourceAddress } = this.#ports;
    return { context, mechanism, options: this.#options, subject, sourceAddress, signal };
  }

  #context() {
    return { metadata: this.#metadata, log: this.#ports.log };
  }

  #mechanism(context: MechanismContext): Mechanism {
    const options = this.#options;
    switch (options.mechanism) {
      case "secondary-ip":
        return new ByFamily({ 4: new SecondaryIp(context), 6: new Ipv6(context) });
      case "elastic-ip":
        return new ElasticIp(context, options);
      case "route":
        return new RouteMechanism(context, options);
      case "network-interface":
        return new NetworkInterfaceMechanism(context, options);
    }
  }
}

function refuseOtherRegion(configured: string | undefined, actual: string): void {
  if (configured === undefined || configured === actual) return;
  throw new ProviderError({
    kind: "misconfigured",
    operation: "identify",
    message: `the configuration names the region ${configured}, and this server is in ${actual}`,
    hint: "Leave `region` out, or correct it.",
  });
}
