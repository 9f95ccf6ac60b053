/**
 * An AWS region on loopback ports: the EC2 API, and for each instance its metadata service on a port of its own, because
 * metadata know their instance by where the question comes from. Nothing here needs more than Node itself.
 */
import { type CloudServer, type CloudServerOptions, startCloudServer } from "../base/server.ts";
import { AwsCloud, type AwsCloudOptions } from "./cloud.ts";
import { Ec2Service } from "./ec2-service.ts";
import { MetadataService } from "./metadata-service.ts";

export interface AwsEmulatorOptions extends AwsCloudOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** The EC2 API's port; the metadata of the n-th instance listen n ports above. Any free ports unless given. */
  readonly port?: number;
  /** Opens a socket that listens on `host`, for one that is no address of this process's own network. */
  readonly openSocket?: CloudServerOptions["openSocket"];
  /** Added before each call. */
  readonly latencyMs?: number;
}

export interface AwsEmulator {
  /** State, faults, journal, credentials, permissions and lag, to look at and to change. */
  readonly cloud: AwsCloud;
  readonly region: string;
  /** For the SDK's `endpoint`, or `AWS_ENDPOINT_URL_EC2`. */
  readonly endpoint: string;
  /** For `AWS_EC2_METADATA_SERVICE_ENDPOINT` on that instance. */
  metadataEndpoint(instanceId: string): string;
  /** The instance's metadata tokens stop being valid. */
  forgetMetadataTokens(instanceId: string): void;
  close(): Promise<void>;
}

export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const cloud = new AwsCloud(options);
  const { host = "127.0.0.1", port = 0, latencyMs = 0, openSocket } = options;
  const { clock, faults, journal } = cloud;
  const shared = { clock, faults, journal, latencyMs, host, openSocket };
  const api = await startCloudServer({ ...shared, port, service: new Ec2Service(cloud) });
  const metadata = new Map<string, { readonly server: CloudServer; readonly service: MetadataService }>();
  for (const [index, instanceId] of Object.keys(cloud.state.current.instances).entries()) {
    const service = new MetadataService(cloud, instanceId);
    const server = await startCloudServer({ ...shared, service, port: port && port + index + 1 });
    metadata.set(instanceId, { server, service });
  }
  const onInstance = (instanceId: string) => {
    const found = metadata.get(instanceId);
    if (!found) throw new Error(`the emulator has no metadata service for ${instanceId}`);
    return found;
  };
  return {
    cloud,
    region: cloud.account.region,
    endpoint: api.url,
    metadataEndpoint: (instanceId) => onInstance(instanceId).server.url,
    forgetMetadataTokens: (instanceId) => onInstance(instanceId).service.forgetTokens(),
    close: async () => {
      const servers = [api, ...[...metadata.values()].map(({ server }) => server)];
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
