/**
 * Starts the AWS emulator by hand: `npm run emulator:aws -- [PORT] [HOST]`, and prints how to point an SDK, the aws command or
 * cloudvip at it.
 */
import { startAwsEmulator } from "./emulator.ts";

const DEFAULT_PORT = 4566;

const [port = DEFAULT_PORT.toString(), host = "127.0.0.1"] = process.argv.slice(2);
const emulator = await startAwsEmulator({ port: Number(port), host });
const { cloud, endpoint, region } = emulator;
const instances = Object.entries(cloud.state.current.interfaces).flatMap(([interfaceId, one]) => {
  const instanceId = one.attachment?.instanceId;
  if (!instanceId) return [];
  const url = emulator.metadataEndpoint(instanceId);
  return `#   ${instanceId}  ${interfaceId}  ${one.mac}  ${one.addresses[0]}  ${url}`;
});

process.stdout.write(`# AWS emulator: EC2 at ${endpoint}. Paste this to use it with any AWS SDK or the aws command:
export AWS_ENDPOINT_URL_EC2=${endpoint}
export AWS_REGION=${region}
export AWS_ACCESS_KEY_ID=${cloud.user.accessKeyId}
export AWS_SECRET_ACCESS_KEY=${cloud.user.secretAccessKey}
# Or be one of its instances (set AWS_EC2_METADATA_SERVICE_ENDPOINT to the last column, and no access key):
#   instance, interface, MAC, primary address, metadata
${instances.join("\n")}
# cloudvip, on an interface with one of those MAC addresses:
#   provider: { name: aws, mechanism: secondary-ip, endpoint: "${endpoint}", metadata_endpoint: "(the last column)" }
# By hand:  curl -d 'Action=DescribeNetworkInterfaces' ${endpoint}/_emulator/call
# Faults:   curl -d '{"kind":"throttle","action":"AssignPrivateIpAddresses","count":3}' ${endpoint}/_emulator/faults
# Journal:  curl ${endpoint}/_emulator/journal
# Stop with Ctrl-C.
`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void emulator.close());
}
