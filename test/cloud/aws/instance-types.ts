export interface InstanceType {
  readonly maximumNetworkInterfaces: number;
  /** For each interface, the primary address included. */
  readonly ipv4AddressesPerInterface: number;
  readonly ipv6AddressesPerInterface: number;
}

/** From the table "Maximum IP addresses per network interface" of the EC2 user guide. */
export const INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
  "t3.micro": type(2, 2),
  "t3.small": type(3, 4),
  "t3.medium": type(3, 6),
  "t3.large": type(3, 12),
  "m5.large": type(3, 10),
  "m5.4xlarge": type(8, 30),
  "m5.24xlarge": type(15, 50),
};

function type(maximumNetworkInterfaces: number, addresses: number): InstanceType {
  return {
    maximumNetworkInterfaces,
    ipv4AddressesPerInterface: addresses,
    ipv6AddressesPerInterface: addresses,
  };
}
