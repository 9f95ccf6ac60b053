import type { IpAddress } from "../../base/ip.ts";
import { type Millis, millis } from "../../base/units.ts";
import type { InstanceConfig } from "../../config/config.ts";
import type { InstanceSnapshot } from "../../status/snapshot.ts";
import type { DoctorContext } from "../check.ts";
import { type Wire, wiresOf } from "../wires.ts";
import type { AdvertStream, ProbeOutcome, WireView } from "./wire-view.ts";

/** What was seen on the wire, sorted by who it concerns. */
export interface Picture {
  readonly listenedMs: number;
  readonly instances: readonly InstancePicture[];
  /** See {@link WireView}. */
  readonly omitted: number;
}

export interface InstancePicture {
  readonly instance: InstanceConfig;
  readonly source: IpAddress;
  /** What the agent that runs here says of it. */
  readonly running: InstanceSnapshot | undefined;
  /** The adverts that this host sends, to one of the peers. */
  readonly own: AdvertStream | undefined;
  readonly peers: readonly PeerPicture[];
  /** Adverts for this virtual router from addresses that are no peers. */
  readonly strangers: readonly AdvertStream[];
  readonly listenedMs: number;
}

export interface PeerPicture {
  readonly wire: Wire;
  /** Its adverts for this virtual router. */
  readonly adverts: AdvertStream | undefined;
  /** Its adverts to this host for virtual routers that no instance here shares with it. */
  readonly unrelated: readonly AdvertStream[];
  readonly probe: ProbeOutcome;
}

/** Milliseconds. A second tells much of fast adverts; a doctor that takes longer than some seconds is not asked again. */
const LISTEN_MIN = 1_000;
const LISTEN_ENOUGH = 2_000;
const LISTEN_MAX = 4_000;
/** So many adverts show a rhythm. */
const ADVERTS_WANTED = 10;
/** Two adverts at least, wherever between two of them the listening begins. */
const INTERVALS_MIN = 2.5;
/** Three ARP requests, one a second: then the kernel says that nobody is there. */
const PATIENCE_MS = 3_500;

const pictures = new WeakMap<DoctorContext, Promise<Picture | string>>();

/** Listens once for all checks of a run. A text says why nothing could be seen. */
export function pictureOf(context: DoctorContext): Promise<Picture | string> {
  const picture = pictures.get(context) ?? look(context);
  pictures.set(context, picture);
  return picture;
}

async function look(context: DoctorContext): Promise<Picture | string> {
  const wires = await wiresOf(context);
  if (wires.length === 0) return "no instance has its interface and its source address";
  const view = await context.host.watchWire({
    paths: wires.map(({ instance, source, peer }) => ({
      source,
      peer,
      virtualRouterId: instance.router.virtualRouterId,
      ttl: instance.unicastTtl,
    })),
    listenMs: Math.max(...wires.map(({ instance }) => listenTime(instance.router.advertInterval))),
    patienceMs: PATIENCE_MS,
  });
  if (view.kind === "seen") return arrange(context, wires, view);
  return context.host.isRoot ? view.why : "only root may listen to the wire; run doctor as root";
}

function listenTime(advertInterval: Millis): number {
  const rhythm = Math.min(ADVERTS_WANTED * advertInterval, LISTEN_ENOUGH);
  return Math.min(Math.max(LISTEN_MIN, rhythm, INTERVALS_MIN * advertInterval), LISTEN_MAX);
}

/** Whether in the time listened an advert must have come, if adverts come at all. */
export function listenedLongEnough({ instance, listenedMs }: InstancePicture): boolean {
  return listenedMs >= millis(2 * instance.router.advertInterval);
}

function arrange(
  { agent, config }: DoctorContext,
  wires: readonly Wire[],
  view: WireView & { readonly kind: "seen" },
): Picture {
  const { listenedMs, omitted } = view;
  const incoming = view.streams.filter(({ outgoing }) => !outgoing);
  const instances = config.instances.flatMap((instance) => {
    const own = wires.filter((wire) => wire.instance === instance);
    const [first] = own;
    if (!first) return [];
    const { source } = first;
    const isOurs = ({ virtualRouterId }: AdvertStream) => virtualRouterId === instance.router.virtualRouterId;
    const peers = own.map((wire) => ({
      wire,
      adverts: busiest(
        incoming.filter((stream) => stream.source === wire.peer && isOurs(stream)),
        instance,
      ),
      unrelated: incoming.filter(
        (stream) =>
          stream.source === wire.peer &&
          stream.destination === source &&
          isUnrelated(stream, config.instances),
      ),
      probe: probeOf(wire, view.probes),
    }));
    return {
      instance,
      source,
      running: agent?.status?.instances.find(({ name }) => name === instance.name),
      own: busiest(
        view.streams.filter((stream) => stream.outgoing && stream.source === source && isOurs(stream)),
        instance,
      ),
      peers,
      strangers: incoming.filter(
        (stream) => isOurs(stream) && isUnrelated(stream, config.instances) && concerns(stream, first),
      ),
      listenedMs,
    };
  });
  return { listenedMs, instances, omitted };
}

/** A bridge and its port show the same packets: those on the instance's interface count, or else most of them. */
function busiest(
  streams: readonly AdvertStream[],
  { interfaceName }: InstanceConfig,
): AdvertStream | undefined {
  const here = streams.filter((stream) => stream.interfaceName === interfaceName);
  const candidates = here.length > 0 ? here : streams;
  return candidates.toSorted((a, b) => b.count - a.count)[0];
}

/** What is said to a group on another interface is said to others. */
function concerns({ destination, interfaceName }: AdvertStream, { source, link }: Wire): boolean {
  return destination === source || interfaceName === link.name;
}

/** Nobody here has its sender as a peer of that virtual router; one address may have the same one twice, with other peers. */
function isUnrelated(stream: AdvertStream, instances: readonly InstanceConfig[]): boolean {
  return !instances.some(
    ({ router, peers }) =>
      router.virtualRouterId === stream.virtualRouterId &&
      peers.some(({ address }) => address === stream.source),
  );
}

function probeOf({ instance, source, peer }: Wire, probes: readonly ProbeOutcome[]): ProbeOutcome {
  const { virtualRouterId } = instance.router;
  const found = probes.find(
    ({ path }) => path.source === source && path.peer === peer && path.virtualRouterId === virtualRouterId,
  );
  const path = { source, peer, virtualRouterId, ttl: instance.unicastTtl };
  return found ?? { path, asked: 0, answer: undefined, undelivered: undefined, sendError: undefined };
}
