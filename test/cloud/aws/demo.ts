/** The cloud of `cloudvip demo`: tells on stdout who has the virtual address, and gives it to whoever is named on stdin. */
import { createInterface } from "node:readline";
import type { CloudLine, CloudSpec } from "../../../src/commands/demo/emulated-cloud.ts";
import { awsControl } from "./control.ts";
import { startAwsEmulator } from "./emulator.ts";
import type { AwsState } from "./state.ts";
import { createWorld, nodeIds, type WorldSpec } from "./world.ts";

const spec = JSON.parse(process.argv[2] ?? "") as CloudSpec;
const { host, subnet, virtualAddress, servers } = spec;
const worldSpec: WorldSpec = {
  vpcCidr: subnet,
  subnetCidrs: { a: subnet, b: subnet },
  nodes: servers.map(({ address, mac }) => ({ subnet: "a", address, mac })),
};
const ids = new Map(servers.map(({ name }, index) => [name, nodeIds(index + 1, worldSpec)]));
const { cloud, endpoint, metadataEndpoint } = await startAwsEmulator({ world: createWorld(worldSpec), host });

let owner = ownerIn(cloud.state.current);
cloud.state.watch((state, at) => {
  const now = ownerIn(state);
  if (now !== undefined && now !== owner) say({ kind: "owner", owner: now, at });
  owner = now;
});
const metadata = Object.fromEntries(
  [...ids].map(([name, { instanceId }]) => [name, metadataEndpoint(instanceId)]),
);
say({ kind: "listening", endpoint, metadata });

const orders = createInterface({ input: process.stdin });
orders.on("line", (name) => {
  const { interfaceId } = [...ids].find(([known]) => known === name)?.[1] ?? {};
  awsControl(
    cloud,
    "POST",
    "call",
    new URLSearchParams({
      Action: "AssignPrivateIpAddresses",
      NetworkInterfaceId: interfaceId ?? "",
      "PrivateIpAddress.1": virtualAddress,
      AllowReassignment: "true",
    }).toString(),
  );
});
// Whoever started this is gone.
orders.on("close", () => process.exit());

function ownerIn({ interfaces }: Readonly<AwsState>) {
  return [...ids].find(([, { interfaceId }]) =>
    interfaces[interfaceId]?.addresses.includes(virtualAddress),
  )?.[0];
}

function say(line: CloudLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
