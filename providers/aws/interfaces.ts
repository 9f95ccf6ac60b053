import type { NetworkInterface } from "@aws-sdk/client-ec2";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Ec2 } from "./ec2.ts";
import type { AwsIdentity } from "./identity.ts";

/**
 * The network interface that the VIPs go to, as the API shows it.
 *
 * @throws {ProviderError} `not-found` when region or account are not those of this instance
 */
export async function describeOwnInterface(
  ec2: Ec2,
  { networkInterfaceId }: AwsIdentity,
  signal: AbortSignal,
): Promise<NetworkInterface> {
  const [own] = await describeInterfaces(ec2, { "network-interface-id": [networkInterfaceId] }, signal);
  if (own) return own;
  throw new ProviderError({
    kind: "not-found",
    operation: "ec2:DescribeNetworkInterfaces",
    message: `the API does not show ${networkInterfaceId}`,
    hint: "Check that region and credentials are those of this instance's account.",
  });
}

/** The interfaces that match one value of every filter of DescribeNetworkInterfaces; none is no error. */
export async function describeInterfaces(
  ec2: Ec2,
  filters: Readonly<Record<string, readonly string[]>>,
  signal: AbortSignal,
): Promise<readonly NetworkInterface[]> {
  const Filters = Object.entries(filters).map(([Name, values]) => ({ Name, Values: [...values] }));
  const { NetworkInterfaces } = await ec2.call(
    "DescribeNetworkInterfaces",
    (api, http) => api.describeNetworkInterfaces({ Filters }, http),
    signal,
  );
  return NetworkInterfaces ?? [];
}
