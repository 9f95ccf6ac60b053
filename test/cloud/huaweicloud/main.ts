/**
 * Starts the emulated Huawei Cloud by hand: `npm run emulator:huaweicloud -- [PORT] [HOST]`, and prints how to point an SDK or
 * cloudvip at it.
 */
import { startHuaweiEmulator } from "./emulator.ts";
import { exampleCloud } from "./example-cloud.ts";

const DEFAULT_PORT = 4580;

const [port = DEFAULT_PORT.toString(), host = "127.0.0.1"] = process.argv.slice(2);
const emulator = await startHuaweiEmulator({
  port: Number(port),
  host,
  state: exampleCloud({ overlays: ["10.99.0.5/32"] }),
});
const { servers, ports, routeTables, publicIps, project_id } = emulator.state();
const lines = [
  `# Emulated Huawei Cloud: the VPC service at ${emulator.url}, project ${project_id}.`,
  "# Servers, with what stands for http://169.254.169.254 on each:",
  ...Object.values(servers).map(({ id, name }) => `#   ${name}  ${emulator.metadataUrl(id)}`),
  "# Ports: id, MAC address, address, device owner",
  ...Object.values(ports).map(
    (port) => `#   ${port.id}  ${port.mac_address}  ${port.fixed_ips[0]?.ip_address}  ${port.device_owner}`,
  ),
  `# Route tables: ${Object.keys(routeTables).join(", ")}; EIPs: ${Object.keys(publicIps).join(", ")}`,
  "# cloudvip, on an interface with the MAC address of a server's port:",
  `#   provider: { name: huaweicloud, mechanism: virtual-ip, endpoint: "${emulator.url}", metadata_endpoint: "(as above)" }`,
  `# Faults:   curl -d '{"kind":"throttle","action":"UpdatePort","count":3}' ${emulator.url}/_emulator/faults`,
  `# Journal:  curl ${emulator.url}/_emulator/journal`,
  "# Stop with Ctrl-C.",
];
process.stdout.write(`${lines.join("\n")}\n`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void emulator.close());
}
