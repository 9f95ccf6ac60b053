import { huaweicloudOptions } from "../../../providers/huaweicloud/options.ts";
import { provider as definition } from "../../../providers/huaweicloud/provider.ts";
import type { IpAddress } from "../../../src/base/ip.ts";
import type { Provider } from "../../../src/provider/contract.ts";
import type { ProviderError } from "../../../src/provider/errors.ts";
import {
  type HuaweiEmulator,
  type HuaweiEmulatorOptions,
  startHuaweiEmulator,
} from "../../cloud/huaweicloud/emulator.ts";
import { EXAMPLE_SERVERS, type ExampleCloud, exampleCloud } from "../../cloud/huaweicloud/example-cloud.ts";
import type { CloudState, Port } from "../../cloud/huaweicloud/wire.ts";

export const VIP = "192.168.0.67" as IpAddress;
export const OVERLAY = "10.99.0.5" as IpAddress;
export const [ADDRESS_A, ADDRESS_B] = ["192.168.0.2" as IpAddress, "192.168.0.216" as IpAddress];

/** An emulated cloud with the providers of its two servers. */
export class HuaweiFixture {
  readonly emulator: HuaweiEmulator;
  readonly #providers: Provider[] = [];

  private constructor(emulator: HuaweiEmulator) {
    this.emulator = emulator;
  }

  static async start(cloud: ExampleCloud = {}, options: HuaweiEmulatorOptions = {}): Promise<HuaweiFixture> {
    return new HuaweiFixture(await startHuaweiEmulator({ state: exampleCloud(cloud), ...options }));
  }

  /** A provider on server 0 or 1, not yet identified. */
  create(
    server: 0 | 1,
    options: Readonly<Record<string, unknown>> = {},
    mac = EXAMPLE_SERVERS[server]?.mac ?? "",
  ) {
    const written = {
      mechanism: "virtual-ip",
      endpoint: this.emulator.url,
      metadata_endpoint: this.emulator.metadataUrl(this.serverId(server)),
      ...options,
    };
    const provider = definition.create(huaweicloudOptions.parse(written), {
      interfaceName: "eth0",
      hardwareAddress: mac,
      sourceAddress: (EXAMPLE_SERVERS[server]?.address ?? "") as IpAddress,
      log: () => undefined,
    });
    this.#providers.push(provider);
    return provider;
  }

  async identified(server: 0 | 1, options: Readonly<Record<string, unknown>> = {}): Promise<Provider> {
    const provider = this.create(server, options);
    await provider.identify(live());
    return provider;
  }

  serverId(server: 0 | 1): string {
    return Object.keys(this.emulator.state().servers)[server] ?? "";
  }

  /** The network interface of a server. */
  nic(server: 0 | 1): Port {
    return this.#port((port) => port.device_id === this.serverId(server));
  }

  vipPort(): Port {
    return this.#port((port) => port.device_owner === "neutron:VIP_PORT");
  }

  /** The addresses that the virtual IP is bound to. */
  boundTo(): readonly string[] {
    return this.vipPort().allowed_address_pairs.map((pair) => pair.ip_address);
  }

  /** Changes a port as somebody in the console would. */
  changePort(port: Port, change: Partial<Port>): void {
    this.emulator.change((state: CloudState) => ({
      ...state,
      ports: { ...state.ports, [port.id]: { ...port, ...change } },
    }));
  }

  /** The names of the operations that wrote, in order. */
  writes(): readonly string[] {
    return this.emulator.journal.entries({ surface: "api", read: false }).map((entry) => entry.action);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#providers.map((provider) => provider.close()));
    await this.emulator.close();
  }

  #port(matches: (port: Port) => boolean): Port {
    const port = Object.values(this.emulator.state().ports).find(matches);
    if (!port) throw new Error("the emulated cloud has no such port");
    return port;
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
    return error as ProviderError;
  }
  throw new Error("the call succeeded");
}
