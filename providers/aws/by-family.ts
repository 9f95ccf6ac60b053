import { type IpAddress, type IpFamily, ipFamily } from "../../src/base/ip.ts";
import type { Obstacle, Ownership, PlannedCall } from "../../src/provider/contract.ts";
import { inParallel } from "./in-parallel.ts";
import type { Mechanism } from "./mechanism.ts";
import type { Proof } from "./proof.ts";
import { throwFailures } from "./several.ts";

/** One list of VIPs, the IPv4 ones by one mechanism and the IPv6 ones by another, at the same time. */
export class ByFamily implements Mechanism {
  readonly #mechanisms: Readonly<Record<IpFamily, Mechanism>>;

  constructor(mechanisms: Readonly<Record<IpFamily, Mechanism>>) {
    this.#mechanisms = mechanisms;
  }

  plan(vips: readonly IpAddress[]): readonly PlannedCall[] {
    return split(vips).flatMap((part) => this.#mechanisms[part.family].plan(part.vips));
  }

  async claim(vips: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const parts = split(vips);
    const failures = await inParallel(parts, parts.length, (part) =>
      this.#mechanisms[part.family].claim(part.vips, signal),
    );
    signal.throwIfAborted();
    throwFailures(failures, { total: parts.length, name: (part) => `IPv${part.family}` });
  }

  async owner(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Ownership[]> {
    const parts = await Promise.all(
      split(vips).map((part) => this.#mechanisms[part.family].owner(part.vips, signal)),
    );
    const owners = new Map(parts.flat().map((ownership) => [ownership.vip, ownership]));
    return vips.flatMap((vip) => owners.get(vip) ?? []);
  }

  async obstacles(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Obstacle[]> {
    const parts = await Promise.all(
      split(vips).map((part) => this.#mechanisms[part.family].obstacles(part.vips, signal)),
    );
    return parts.flat();
  }

  async permissions(vips: readonly IpAddress[], signal: AbortSignal): Promise<readonly Proof[]> {
    const parts = await Promise.all(
      split(vips).map((part) => this.#mechanisms[part.family].permissions(part.vips, signal)),
    );
    return parts.flat();
  }
}

interface Part {
  readonly family: IpFamily;
  readonly vips: readonly IpAddress[];
}

/** The families that occur, each with its VIPs. */
function split(vips: readonly IpAddress[]): readonly Part[] {
  const families: readonly IpFamily[] = [4, 6];
  return families
    .map((family) => ({ family, vips: vips.filter((vip) => ipFamily(vip) === family) }))
    .filter((part) => part.vips.length > 0);
}
