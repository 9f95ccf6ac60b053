/** Who has an address: the API's answer, and what instance metadata say to it. */
import type { NetworkInterface } from "@aws-sdk/client-ec2";
import { messageOf } from "../../src/base/errors.ts";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { Owner, Ownership } from "../../src/provider/contract.ts";
import type { MechanismContext } from "./mechanism.ts";

export interface OwnerSources {
  /** The owner of each VIP, in order. */
  readonly api: Promise<readonly Owner[]>;
  /** The addresses that metadata show on this node; left out where metadata know nothing of the kind. */
  readonly here?: Promise<readonly string[]>;
}

/**
 * Asks the API and metadata at once. Where both answer and disagree, one of them lags, and nobody can say which: unknown.
 * Where the API does not answer, metadata can still say that an address is here.
 */
export async function ownersFrom(
  vips: readonly IpAddress[],
  sources: OwnerSources,
  signal: AbortSignal,
): Promise<readonly Ownership[]> {
  const [api, here] = await Promise.allSettled([sources.api, sources.here]);
  signal.throwIfAborted();
  const answered = here.status === "fulfilled" ? here.value : undefined;
  const listed = answered && new Set(answered.map((text) => parseIp(text)));
  return vips.map((vip, index) => {
    const owner: Owner | undefined =
      api.status === "fulfilled" ? api.value[index] : { kind: "unknown", why: messageOf(api.reason) };
    return { vip, owner: combine(owner ?? NOT_TOLD, listed?.has(vip)) };
  });
}

const NOT_TOLD: Owner = { kind: "unknown", why: "the API said nothing about this address" };

function combine(api: Owner, listedHere: boolean | undefined): Owner {
  if (listedHere === undefined) return api;
  if (api.kind === "unknown") return listedHere ? { kind: "mine", source: "metadata" } : api;
  if (listedHere === (api.kind === "mine")) return api;
  const holder = api.kind === "other" ? api.holder : api.kind === "mine" ? "this node" : "nobody";
  const metadata = listedHere ? "it is here" : "it is not here";
  return {
    kind: "unknown",
    why: `the API says that ${holder} has it, metadata say that ${metadata}; one lags`,
  };
}

/** Another interface as the holder, with its server's addresses other than the VIPs, and whether that server runs. */
export async function otherOwner(
  context: MechanismContext,
  holder: NetworkInterface,
  vips: readonly IpAddress[],
  signal: AbortSignal,
): Promise<Owner> {
  const instanceId = holder.Attachment?.InstanceId;
  return {
    kind: "other",
    source: "api",
    holder: instanceId ?? holder.NetworkInterfaceId ?? "an unknown interface",
    addresses: addressesOf(holder).filter((address) => !vips.includes(address)),
    stopped: instanceId === undefined || (await isStopped(context, instanceId, signal)),
  };
}

/** Every private address of an interface, IPv6 too. */
export function addressesOf(one: NetworkInterface): readonly IpAddress[] {
  const texts = [
    ...(one.PrivateIpAddresses ?? []).map((entry) => entry.PrivateIpAddress),
    ...(one.Ipv6Addresses ?? []).map((entry) => entry.Ipv6Address),
  ];
  return texts.flatMap((text) => parseIp(text ?? "") ?? []);
}

/** Whether a server is known not to run. A question without an answer is no such knowledge. */
async function isStopped(
  { ec2, log }: MechanismContext,
  instanceId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const Filters = [{ Name: "instance-id", Values: [instanceId] }];
    const { Reservations } = await ec2.call(
      "DescribeInstances",
      (api, http) => api.describeInstances({ Filters }, http),
      signal,
    );
    const state = Reservations?.[0]?.Instances?.[0]?.State?.Name;
    return STOPPED_STATES.has(state ?? "");
  } catch (error) {
    signal.throwIfAborted();
    log("debug", `whether ${instanceId} runs is not known`, { error: messageOf(error) });
    return false;
  }
}

const STOPPED_STATES: ReadonlySet<string> = new Set(["shutting-down", "terminated", "stopping", "stopped"]);
