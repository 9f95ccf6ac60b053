import type { IpAddress } from "../../base/ip.ts";
import type { Check, Discovery } from "../check.ts";
import { countText, judgeInstances, someOf } from "../wire/judge.ts";
import type { InstancePicture, PeerPicture, Picture } from "../wire/picture.ts";
import type { AdvertStream } from "../wire/wire-view.ts";

/** Whether one node, and only one that is known, is MASTER. */
export const WIRE_GROUP_CHECKS: readonly Check[] = [
  {
    code: "wire/two-masters",
    title: "one node at most is MASTER",
    severity: "failure",
    why: "Two nodes that advertise the same virtual router at once both serve the address: clients reach one or the other by chance, and a cloud's route goes back and forth. Each of them does not hear the other, or refuses what it hears: another finding says why. The adverts of one that is heard are worth a look with `cloudvip watch`.",
    run: (context) => judgeInstances(context, twoMasters, mastersNote),
  },
  {
    code: "wire/unknown-router",
    title: "nobody else uses the virtual_router_id",
    severity: "failure",
    why: "Somebody who is no peer advertises this virtual router. Sent to this node's own address, it is a member of the group that this node was not told of: it is refused here, and the two may both be MASTER. Sent to the multicast group, it is another group in the same network that happens to use the number: it does no harm to unicast, but makes captures and MAC addresses hard to read.",
    run: (context) => judgeInstances(context, unknownRouters, strangersNote),
  },
];

interface Master {
  readonly who: string;
  readonly evidence: string;
  /** Undefined when its own word is all there is. */
  readonly stream: AdvertStream | undefined;
}

function twoMasters(picture: InstancePicture): readonly Discovery[] {
  const masters = mastersOf(picture);
  const atOnce = masters.some((one, index) =>
    masters.slice(index + 1).some((other) => overlap(one.stream, other.stream)),
  );
  if (!atOnce) return [];
  return [
    {
      message: `${picture.instance.name}: ${masters.map(({ who }) => who).join(" and ")} are MASTER at once`,
      evidence: masters.map(({ evidence }) => evidence),
      consequence: "the address is served twice, and each client reaches one of them by chance",
      fix: {
        advice: "remove what keeps them from hearing each other; the findings beside this one name it",
        commands: [],
      },
    },
  ];
}

function mastersOf(picture: InstancePicture): readonly Master[] {
  const { own, running, source, listenedMs, peers } = picture;
  const masters = peers.flatMap((peer) => mastership(peer, picture));
  if (!isReign(own) && running?.state !== "MASTER") return masters;
  const evidence = own ? countText(own, listenedMs) : "the agent here says so";
  return [{ who: "this node", evidence: `${source}: ${evidence}`, stream: own }, ...masters];
}

function mastership(
  { wire, adverts, unrelated, probe }: PeerPicture,
  { listenedMs, instance }: InstancePicture,
): readonly Master[] {
  const isOurs = (address: IpAddress) => instance.virtualAddresses.some((vip) => vip.address === address);
  const stream = adverts ?? unrelated.find(({ last }) => last?.addresses.some(isOurs));
  if (isReign(stream)) {
    return [{ who: wire.peer, evidence: `${wire.peer}: ${countText(stream, listenedMs)}`, stream }];
  }
  const router = probe.answer?.router;
  // An answer given in the moment of a transition proves nothing beside adverts that have ended.
  if (router?.state !== "MASTER" || stream) return [];
  const evidence = `${wire.peer}: its agent answers so, priority ${router.priority}`;
  return [{ who: wire.peer, evidence, stream: undefined }];
}

/** More than a single advert, the last one no goodbye. */
function isReign(stream: AdvertStream | undefined): stream is AdvertStream {
  return stream?.last !== undefined && stream.count > 1 && stream.last.priority > 0;
}

/** In a transition one node falls silent when the other speaks up; half an interval side by side is none. */
function overlap(one: AdvertStream | undefined, other: AdvertStream | undefined): boolean {
  if (!one?.last || !other?.last) return true;
  const from = Math.max(one.arrivals[0] ?? 0, other.arrivals[0] ?? 0);
  const to = Math.min(one.arrivals.at(-1) ?? 0, other.arrivals.at(-1) ?? 0);
  return to - from > Math.min(one.last.advertInterval, other.last.advertInterval) / 2;
}

function unknownRouters({ strangers, instance, source, listenedMs }: InstancePicture): readonly Discovery[] {
  return strangers.map((stream) => {
    const toUs = stream.destination === source;
    return {
      severity: toUs ? ("failure" as const) : ("warning" as const),
      message: `${instance.name}: ${stream.source}, which is no peer, advertises virtual_router_id ${stream.virtualRouterId}`,
      evidence: [
        `${countText(stream, listenedMs)} to ${stream.destination}${toUs ? ", this node" : ""}`,
        ...(stream.last ? [`priority ${stream.last.priority}, ${stream.last.addresses.join(" ")}`] : []),
      ],
      consequence: toUs
        ? "it is refused here, so it and this node may both be MASTER"
        : "captures and virtual MAC addresses of the two groups cannot be told apart",
      fix: {
        advice: toUs
          ? `list ${stream.source} in unicast_peer of ${instance.name} on every node, or take this node out of its peers`
          : "give one of the two groups another virtual_router_id",
        commands: [],
      },
    };
  });
}

function mastersNote({ instances }: Picture): string {
  const masters = instances.flatMap((picture) =>
    mastersOf(picture).map(({ who }) => `${picture.instance.name}: ${who}`),
  );
  return masters.length === 0 ? "none was seen" : someOf(masters);
}

function strangersNote({ omitted, listenedMs }: Picture): string {
  const more = omitted > 0 ? `; ${omitted} packets of too many senders were not looked at` : "";
  return `none heard in ${(listenedMs / 1000).toFixed(1)} s${more}`;
}
