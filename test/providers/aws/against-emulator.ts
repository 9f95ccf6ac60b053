// Loaded here, so that no single test pays for it.
import "@aws-sdk/client-ec2";
import { awsOptions } from "../../../providers/aws/options.ts";
import { provider as definition } from "../../../providers/aws/provider.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { Owner, Provider, ProviderPorts } from "../../../src/provider/contract.ts";
import { ProviderError } from "../../../src/provider/errors.ts";
import { type AwsEmulator, type AwsEmulatorOptions, startAwsEmulator } from "../../cloud/aws/emulator.ts";
import type { AwsState } from "../../cloud/aws/state.ts";
import { nodeIds } from "../../cloud/aws/world.ts";

export const [nodeA, nodeB, nodeC] = [nodeIds(1), nodeIds(2), nodeIds(3)];
export const VIP = "10.0.0.100" as IpAddress;

/** For `expect.poll`: longer than any busy machine takes, shorter than a test may. */
export const PATIENCE = { timeout: 4_500 };

type NodeNumber = 1 | 2 | 3;

/** An emulated region with the providers of its three instances. */
export class AwsFixture {
  readonly emulator: AwsEmulator;
  /** What the providers logged. */
  readonly logged: string[] = [];
  readonly #providers: Provider[] = [];

  private constructor(emulator: AwsEmulator) {
    this.emulator = emulator;
  }

  static async start(options: AwsEmulatorOptions = {}): Promise<AwsFixture> {
    return new AwsFixture(await startAwsEmulator(options));
  }

  /** A provider on an instance, not yet identified. */
  create(
    node: NodeNumber,
    options: Readonly<Record<string, unknown>> = { mechanism: "secondary-ip" },
    ports: Partial<ProviderPorts> = {},
  ): Provider {
    const { instanceId, mac, address } = nodeIds(node);
    const written = {
      // A busy machine may be slow; tests of deadlines set their own.
      ...{ connect_timeout: 10, request_timeout: 60 },
      endpoint: this.emulator.endpoint,
      metadata_endpoint: this.emulator.metadataEndpoint(instanceId),
      ...options,
    };
    const provider = definition.create(awsOptions.parse(written), {
      interfaceName: "eth0",
      hardwareAddress: mac,
      sourceAddress: address as IpAddress,
      log: (_level, message) => this.logged.push(message),
      ...ports,
    });
    this.#providers.push(provider);
    return provider;
  }

  async identified(node: NodeNumber, options?: Readonly<Record<string, unknown>>): Promise<Provider> {
    const provider = this.create(node, options);
    await provider.identify(live());
    return provider;
  }

  get state(): Readonly<AwsState> {
    return this.emulator.cloud.state.current;
  }

  /** Changes the account as somebody in the console would. */
  change(change: (draft: AwsState) => void): void {
    this.emulator.cloud.state.update(change);
  }

  /** The private addresses of an interface, the primary first. */
  addressesOf(interfaceId: string): readonly string[] {
    return this.state.interfaces[interfaceId]?.addresses ?? [];
  }

  /** The names of the API calls that changed something or tried to, in order. */
  changes(): readonly string[] {
    return this.emulator.cloud.journal.entries({ surface: "api", read: false }).map((entry) => entry.action);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#providers.map((provider) => provider.close()));
    await this.emulator.close();
  }
}

export function live(): AbortSignal {
  return new AbortController().signal;
}

/** The error that a call ends with. */
export async function refusalOf(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

/** The owner of one VIP. */
export async function ownerOf(provider: Provider, vip: IpAddress = VIP): Promise<Owner | undefined> {
  return (await provider.owner([vip], live()))[0]?.owner;
}

/** The codes of what a rehearsal found. */
export async function obstacleCodes(
  provider: Provider,
  vips: readonly IpAddress[],
): Promise<readonly string[]> {
  return (await provider.rehearse(vips, live())).obstacles.map((obstacle) => obstacle.code);
}
