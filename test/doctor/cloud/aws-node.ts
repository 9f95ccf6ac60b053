import type { NodeIds } from "../../cloud/aws/world.ts";
import { type AwsFixture, nodeA, nodeB, VIP } from "../../providers/aws/against-emulator.ts";
import type { CloudServer } from "./run-doctor.ts";

/** A node of a pair in an emulated region: this node is the first, its peer the second, unless others are given. */
export function awsNode(
  fixture: AwsFixture,
  provider: Readonly<Record<string, unknown>> = { mechanism: "secondary-ip" },
  about: {
    readonly self?: NodeIds;
    readonly peers?: readonly NodeIds[];
    readonly vips?: readonly string[];
  } = {},
): CloudServer {
  const { self = nodeA, peers = [nodeB], vips = [VIP] } = about;
  return {
    address: self.address,
    mac: self.mac,
    peers: peers.map(({ address }) => address),
    vips,
    provider: {
      name: "aws",
      endpoint: fixture.emulator.endpoint,
      metadata_endpoint: fixture.emulator.metadataEndpoint(self.instanceId),
      // A busy machine may be slow; tests of deadlines set their own.
      ...{ connect_timeout: 10, request_timeout: 60 },
      ...provider,
    },
  };
}
