import type { IpAddress } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import type {
  AdvertStream,
  HeardAdvert,
  ProbeOutcome,
  ProbePath,
  WireRequest,
  WireView,
} from "../../src/doctor/wire/wire-view.ts";
import { addressDigest, type ProbedRouter } from "../../src/vrrp/probe.ts";

/** What makes a wire different from a healthy one, on which the one peer is MASTER with priority 200. */
export interface WirePlan {
  readonly vip: IpAddress;
  /** Undefined: the peer sends no adverts. */
  readonly adverts?: Partial<AdvertStream> | undefined;
  readonly last?: Partial<HeardAdvert>;
  /** Undefined: its agent does not answer. */
  readonly router?: Partial<ProbedRouter> | "none" | undefined;
  readonly probe?: Partial<ProbeOutcome>;
  readonly receivedTtl?: number;
  readonly more?: readonly Partial<AdvertStream>[];
  readonly listenedMs?: number;
}

export function wireView(request: WireRequest, plan: WirePlan): WireView {
  const [path] = request.paths;
  if (!path) throw new Error("nobody is asked");
  const adverts = "adverts" in plan ? plan.adverts : {};
  const peerStream = adverts && stream(path, plan, adverts);
  const others = (plan.more ?? []).map((changes) => stream(path, plan, changes));
  return {
    kind: "seen",
    listenedMs: plan.listenedMs ?? request.listenMs,
    streams: [...(peerStream ? [peerStream] : []), ...others],
    omitted: 0,
    probes: [probe(path, plan)],
  };
}

function stream(path: ProbePath, { vip, last }: WirePlan, changes: Partial<AdvertStream>): AdvertStream {
  const advertInterval = last?.advertInterval ?? millis(1000);
  return {
    source: path.peer,
    destination: path.source,
    virtualRouterId: path.virtualRouterId,
    version: 3,
    outgoing: false,
    interfaceName: "eth0",
    count: 3,
    delivered: 3,
    ttls: [255],
    last: {
      version: 3,
      virtualRouterId: path.virtualRouterId,
      priority: 200,
      advertInterval,
      addresses: [vip],
      authentication: undefined,
      checksumForm: "rfc5798",
      ...last,
    },
    invalid: new Map(),
    arrivals: [0, advertInterval, 2 * advertInterval],
    identifications: [1, 2, 3],
    ...changes,
  };
}

function probe(path: ProbePath, plan: WirePlan): ProbeOutcome {
  const router = "router" in plan ? plan.router : {};
  const answer: ProbeOutcome["answer"] = router && {
    kind: "answer",
    virtualRouterId: path.virtualRouterId,
    nonce: new Uint8Array(8),
    receivedTtl: plan.receivedTtl ?? 255,
    softwareVersion: "1.2.3",
    ttl: 255,
    roundTripMs: 0.4,
    router: router === "none" ? undefined : { ...healthyRouter(plan.vip), ...router },
  };
  return { path, asked: answer ? 1 : 3, answer, undelivered: undefined, sendError: undefined, ...plan.probe };
}

function healthyRouter(vip: IpAddress): ProbedRouter {
  return {
    state: "MASTER",
    basePriority: 200,
    priority: 200,
    version: 3,
    advertInterval: millis(1000),
    checksumForm: "rfc5798",
    authType: 0,
    unicastTtl: 255,
    addressCount: 1,
    addressDigest: addressDigest([vip]),
    heardAgo: millis(400),
    advertLateness: undefined,
  };
}
