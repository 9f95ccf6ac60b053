import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js";
import { HcClient } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import { DefaultHttpClient } from "@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js";
import { VpcClient as VpcClientV2 } from "@huaweicloud/huaweicloud-sdk-vpc/v2/VpcClient.js";
import { VpcClient as VpcClientV3 } from "@huaweicloud/huaweicloud-sdk-vpc/v3/VpcClient.js";
import type { HuaweiEmulator } from "./emulator.ts";

/** Credentials as the metadata service gives them. */
export interface SecurityKey {
  readonly access: string;
  readonly secret: string;
  readonly securitytoken: string;
  readonly expires_at: string;
}

/** What the metadata service of a server answers at `path`. */
export async function fetchMetadata(
  emulator: HuaweiEmulator,
  serverId: string,
  path: string,
): Promise<Response> {
  return fetch(`${emulator.metadataUrl(serverId)}${path}`);
}

export async function fetchSecurityKey(emulator: HuaweiEmulator, serverId: string): Promise<SecurityKey> {
  const response = await fetchMetadata(emulator, serverId, "/openstack/latest/securitykey");
  const { credential } = (await response.json()) as { credential: SecurityKey };
  return credential;
}

/** The SDK as published, with the credentials of a server's agency; it neither retries nor throws on a refusal. */
export function sdkClients(
  emulator: HuaweiEmulator,
  key: SecurityKey,
  projectId = emulator.state().project_id,
) {
  const credential = new BasicCredentials()
    .withAk(key.access)
    .withSk(key.secret)
    .withSecurityToken(key.securitytoken) as BasicCredentials;
  credential.withProjectId(projectId);
  const axiosRequestConfig = { timeout: 5_000, validateStatus: () => true };
  const http = new DefaultHttpClient({ axiosRequestConfig, logger: SILENT, headers: {} }, [emulator.url]);
  const client = new HcClient(http).withCredential(credential).withEndpoints([emulator.url]);
  return { v2: new VpcClientV2(client), v3: new VpcClientV3(client), client };
}

const nothing = () => undefined;
const SILENT = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => "error" as never,
  setName: nothing,
};
