/** Starts the emulated Huawei Cloud by hand: `node test/cloud/huaweicloud/start.ts [PORT]`, until Ctrl-C. */
import { startHuaweiEmulator } from "./emulator.ts";

const emulator = await startHuaweiEmulator({ port: Number(process.argv[2] ?? 0) });
const { servers, project_id } = emulator.state();
const lines = [
  `VPC endpoint          ${emulator.url}   (project ${project_id})`,
  ...Object.values(servers).map(
    (server) => `metadata of ${server.name}    ${emulator.metadataUrl(server.id)}`,
  ),
  `state                 curl ${emulator.url}/_emulator/state`,
  `a fault               curl -d '{"kind":"throttle","count":3}' ${emulator.url}/_emulator/faults`,
  `calls so far          curl ${emulator.url}/_emulator/journal`,
];
process.stdout.write(`${lines.join("\n")}\n`);
process.once("SIGINT", () => void emulator.close());
process.once("SIGTERM", () => void emulator.close());
