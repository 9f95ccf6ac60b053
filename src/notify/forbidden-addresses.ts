import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Whoever may write a webhook's address could otherwise have this host ask its cloud for credentials. */
const NEVER = new BlockList();
NEVER.addSubnet("0.0.0.0", 8, "ipv4");
NEVER.addAddress("::", "ipv6");
// Link-local, where AWS and most others answer about the instance; the rest are Aliyun's, Azure's and AWS's other addresses.
NEVER.addSubnet("169.254.0.0", 16, "ipv4");
NEVER.addSubnet("fe80::", 10, "ipv6");
NEVER.addAddress("100.100.100.200", "ipv4");
NEVER.addAddress("168.63.129.16", "ipv4");
NEVER.addAddress("fd00:ec2::254", "ipv6");
NEVER.addSubnet("224.0.0.0", 4, "ipv4");
NEVER.addSubnet("ff00::", 8, "ipv6");

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** A channel may not send to this address. */
export class ForbiddenAddress extends Error {
  override readonly name = "ForbiddenAddress";
  readonly hint: string;

  constructor(address: string, why: "loopback" | "metadata") {
    super(
      why === "loopback"
        ? `${address} is this host itself`
        : `${address} is no receiver of messages but a link-local, metadata or multicast address`,
    );
    this.hint =
      why === "loopback" ? "write allow_loopback: true if that is meant" : "write the receiver's own address";
  }
}

export interface AddressPolicy {
  readonly allowLoopback: boolean;
}

/** @throws {ForbiddenAddress} when `host` is a literal address that may not be asked; names are checked when they are looked up */
export function refuseForbidden(host: string, policy: AddressPolicy): void {
  const family = isIP(host);
  if (family === 0) return;
  const kind = family === 6 ? "ipv6" : "ipv4";
  if (NEVER.check(host, kind)) throw new ForbiddenAddress(host, "metadata");
  if (!policy.allowLoopback && LOOPBACK.check(host, kind)) throw new ForbiddenAddress(host, "loopback");
}

/** Looks names up as usual; what they lead to is checked, since anybody can give a name of theirs any address. */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (host, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(host, all, (error, addresses) => {
      const refusal = error ?? refusalOf(addresses, policy);
      const [first] = addresses ?? [];
      if (refusal || !first) callback(refusal ?? new Error(`${host} has no address`), "");
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusalOf(addresses: readonly LookupAddress[], policy: AddressPolicy): ForbiddenAddress | undefined {
  try {
    for (const { address } of addresses) refuseForbidden(address, policy);
    return undefined;
  } catch (error) {
    return error as ForbiddenAddress;
  }
}
