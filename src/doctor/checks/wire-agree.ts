import type { IpAddress } from "../../base/ip.ts";
import type { InstanceConfig } from "../../config/config.ts";
import { AUTH_TYPE_NONE, AUTH_TYPE_PASS, passwordBytes } from "../../vrrp/advertisement.ts";
import { addressDigest } from "../../vrrp/probe.ts";
import type { Check, Discovery } from "../check.ts";
import { claimOf, comparePeers, countText, invalidText, refusedHere } from "../wire/judge.ts";
import type { InstancePicture, PeerPicture } from "../wire/picture.ts";

/** Whether this node and its peers mean the same virtual router: each disagreement has a code of its own. */
export const WIRE_AGREE_CHECKS: readonly Check[] = [
  {
    code: "wire/adverts-malformed",
    title: "what peers send are proper adverts",
    severity: "failure",
    why: "A checksum that is wrong means that something on the way rewrote the packet: an address translation, mostly, since VRRP's checksum covers the addresses. An interval of 0 or a length that does not fit come from a broken sender. Such packets are refused, and their sender counts as silent.",
    run: (context) => comparePeers(context, malformed, () => "none is malformed"),
  },
  {
    code: "wire/vrid-differs",
    title: "peers speak of the same virtual router",
    severity: "failure",
    why: "virtual_router_id joins the nodes of a group. With different ones each node is a group of its own: both become MASTER, and both claim the address. It is a typical slip when a configuration is copied and one number changed.",
    run: (context) => comparePeers(context, otherRouter, ({ router }) => `${router.virtualRouterId}`),
  },
  {
    code: "wire/version-differs",
    title: "peers speak the same VRRP version",
    severity: "failure",
    why: "VRRPv2 and VRRPv3 do not understand each other, and a node speaks one of them. keepalived's default is 2, cloudvip's is 3 unless the configuration says otherwise; a file that leaves it out means different things to the two.",
    run: (context) => comparePeers(context, otherVersion, ({ router }) => `VRRP version ${router.version}`),
  },
  {
    code: "wire/authentication-differs",
    title: "peers have the same password",
    severity: "failure",
    why: "VRRPv2 can carry a password of eight characters. An advert with another one, with none, or with one where none is expected is refused: each node then believes that it is alone.",
    run: (context) => comparePeers(context, otherPassword, authText),
  },
  {
    code: "wire/ttl-differs",
    title: "adverts arrive with a TTL that is accepted",
    severity: "failure",
    why: "A TTL of 255 proves that a packet crossed no router, so a neighbour's adverts are accepted with that one only, unless min_ttl says otherwise. A lower one means that a router lies between, though both are in one subnet, or that the sender sets another (unicast_ttl; keepalived sends IPv6 with 64).",
    run: (context) =>
      comparePeers(context, otherTtl, ({ unicastTtl }) => `this node sends with ${unicastTtl}`),
  },
  {
    code: "wire/checksum-form-differs",
    title: "peers write the checksum alike",
    severity: "warning",
    why: 'VRRPv3 over IPv4 has two readings of "checksum" in the field: with a pseudo-header (RFC 5798, keepalived) and without (RFC 9568). cloudvip accepts both unless checksum.accept says otherwise; keepalived and routers may accept their own only. With different forms one side may refuse the other\'s adverts after an upgrade.',
    run: (context) =>
      comparePeers(context, otherChecksum, ({ router, checksum }) =>
        router.version === 3 ? checksum.send : "VRRPv2 has one form only",
      ),
  },
  {
    code: "wire/interval-differs",
    title: "peers have the same advert_int",
    severity: "warning",
    why: "A VRRPv2 node refuses adverts with another advert_int than its own. VRRPv3 learns the MASTER's, so that a failover takes longer or shorter, depending on who was MASTER before.",
    run: (context) =>
      comparePeers(context, otherInterval, ({ router }) => `${router.advertInterval / 1000} s`),
  },
  {
    code: "wire/vips-differ",
    title: "peers have the same addresses",
    severity: "warning",
    why: "Every node must bind the same addresses, or some of them are served by one node only and vanish in a failover. keepalived before 2.3.3 also refuses adverts that list others than its own, and becomes MASTER.",
    run: (context) =>
      comparePeers(context, otherAddresses, ({ virtualAddresses }) => plural(virtualAddresses.length)),
  },
  {
    code: "wire/priority-equal",
    title: "peers have different priorities",
    severity: "warning",
    why: "A BACKUP leaves a MASTER of equal priority in place, and of two that speak at once the higher IP address wins. Where the address lives after a failover then depends on who was started when, and no node is the one that serves normally. Give that one the higher priority.",
    run: (context) => comparePeers(context, samePriority, ({ router }) => `this node has ${router.priority}`),
  },
];

function malformed({ wire, adverts }: PeerPicture, instance: InstancePicture): Discovery | undefined {
  if (!adverts || adverts.invalid.size === 0 || adverts.version !== wire.instance.router.version)
    return undefined;
  return {
    message: `${wire.instance.name}: ${wire.peer} sends what is no proper advert`,
    evidence: [
      countText(adverts, instance.listenedMs),
      ...invalidText(adverts),
      ...refusedHere(instance, ...adverts.invalid.keys()),
    ],
    consequence: "they are refused, and this node becomes MASTER beside it",
    fix: {
      advice: `let no address translation touch packets between ${wire.source} and ${wire.peer}, and see with \`cloudvip watch\` on both hosts where they change`,
      commands: [],
    },
  };
}

function otherRouter(
  { wire, adverts, unrelated, probe }: PeerPicture,
  { listenedMs }: InstancePicture,
): Discovery | undefined {
  const { name, router } = wire.instance;
  const [stream] = unrelated;
  const unknownThere = probe.answer !== undefined && probe.answer.router === undefined;
  if (adverts || !(stream || unknownThere)) return undefined;
  const heard = unrelated.map(
    (each) =>
      `${countText(each, listenedMs)} from ${each.source} for virtual_router_id ${each.virtualRouterId}`,
  );
  const answered = unknownThere
    ? [`its agent answers that it has no virtual_router_id ${router.virtualRouterId}`]
    : [];
  return {
    message: stream
      ? `${name}: ${wire.peer} advertises virtual_router_id ${stream.virtualRouterId}, here it is ${router.virtualRouterId}`
      : `${name}: ${wire.peer} has no virtual_router_id ${router.virtualRouterId} that it shares with this node`,
    evidence: [...heard, ...answered],
    consequence: "each node is MASTER of a group of its own, and both claim the address",
    fix: { advice: "write the same virtual_router_id on both nodes", commands: [] },
  };
}

function otherVersion(
  { wire, adverts, probe }: PeerPicture,
  instance: InstancePicture,
): Discovery | undefined {
  const { name, router } = wire.instance;
  const theirs = adverts?.version ?? probe.answer?.router?.version;
  if (theirs === undefined || theirs === router.version) return undefined;
  return {
    message: `${name}: ${wire.peer} speaks VRRP version ${theirs}, this node ${router.version}`,
    evidence: [
      adverts ? countText(adverts, instance.listenedMs) : "its agent answers so",
      ...refusedHere(instance, "version"),
    ],
    consequence: "neither understands the other, and both become MASTER",
    fix: { advice: "write the same `version` on both nodes", commands: [] },
  };
}

function otherPassword(peer: PeerPicture, instance: InstancePicture): Discovery | undefined {
  const { wire } = peer;
  const { name, router, authPass } = wire.instance;
  const ours = authPass === undefined ? AUTH_TYPE_NONE : AUTH_TYPE_PASS;
  const claim = claimOf<{ type: number; data: Uint8Array | undefined }>(peer, {
    advert: ({ authentication }) =>
      authentication && { type: authentication.type, data: authentication.data },
    answer: ({ authType, version }) => (version === 2 ? { type: authType, data: undefined } : undefined),
  });
  if (router.version !== 2 || !claim) return undefined;
  const { type, data } = claim.value;
  const differs =
    type !== ours || (authPass !== undefined && data !== undefined && !isPassword(data, authPass));
  if (!differs) return undefined;
  const what = type === ours ? "another password than" : `${authName(type)}, not ${authName(ours)} like`;
  return {
    message: `${name}: ${wire.peer} has ${what} this node`,
    evidence: [claim.evidence, ...refusedHere(instance, "auth-type", "auth-pass")],
    consequence: "each refuses the other's adverts, and both become MASTER",
    fix: { advice: "write the same auth_type and auth_pass on both nodes", commands: [] },
  };
}

function authText({ router, authPass }: InstanceConfig): string {
  if (router.version === 3) return "VRRPv3 has none";
  return authName(authPass === undefined ? AUTH_TYPE_NONE : AUTH_TYPE_PASS);
}

function authName(type: number): string {
  if (type === AUTH_TYPE_NONE) return "no authentication";
  return type === AUTH_TYPE_PASS ? "a password" : `authentication of type ${type}`;
}

function isPassword(data: Uint8Array, password: string): boolean {
  return passwordBytes(password).every((byte, index) => byte === data[index]);
}

const NEIGHBOUR_TTL = 255;

function otherTtl({ wire, adverts, probe }: PeerPicture, picture: InstancePicture): Discovery | undefined {
  const { instance, peer, onLink } = wire;
  const limits = instance.peers.find(({ address }) => address === peer);
  const min = limits?.minTtl ?? (onLink ? NEIGHBOUR_TTL : 0);
  const max = limits?.maxTtl ?? NEIGHBOUR_TTL;
  const refused = adverts?.ttls.filter((ttl) => ttl < min || ttl > max) ?? [];
  const there = probe.answer?.receivedTtl;
  if (refused.length > 0) {
    return {
      message: `${instance.name}: adverts of ${peer} arrive with TTL ${refused.join(", ")}; accepted is ${min === max ? min : `${min} to ${max}`}`,
      evidence: [
        `${peer} is ${onLink ? "in a subnet of" : "behind a router at"} ${wire.link.name}`,
        ...refusedHere(picture, "ttl"),
      ],
      consequence: "they are refused, and this node becomes MASTER beside it",
      fix: {
        advice: `set unicast_ttl 255 on ${peer}; if a router lies between, set min_ttl for this peer on both nodes`,
        commands: [],
      },
    };
  }
  // What arrives there as something else than was sent crossed a router, or was sent with another TTL than neighbours want.
  if (!onLink || there === undefined || there === NEIGHBOUR_TTL) return undefined;
  return {
    severity: "warning",
    message: `${instance.name}: what this node sends arrives at ${peer} with TTL ${there}`,
    evidence: [`sent with ${instance.unicastTtl}, and its agent answers that ${there} arrived`],
    consequence: `${peer} refuses the adverts of this node unless its min_ttl allows ${there}`,
    fix: {
      advice:
        instance.unicastTtl === there
          ? "set unicast_ttl to 255 here"
          : `a router lies between: set min_ttl ${there} for this peer on both nodes`,
      commands: [],
    },
  };
}

function otherChecksum(peer: PeerPicture): Discovery | undefined {
  const { instance } = peer.wire;
  const claim = claimOf(peer, {
    advert: ({ version, checksumForm }) => (version === 3 ? checksumForm : undefined),
    answer: ({ version, checksumForm }) => (version === 3 ? checksumForm : undefined),
  });
  const { send, accept } = instance.checksum;
  if (instance.router.version !== 3 || !claim || claim.value === send) return undefined;
  const refused = accept !== "either" && accept !== claim.value;
  return {
    severity: refused ? "failure" : "warning",
    message: `${instance.name}: ${peer.wire.peer} writes checksums as ${claim.value}, this node as ${send}`,
    evidence: [claim.evidence, `checksum.accept is ${accept} here`],
    consequence: refused
      ? "this node refuses its adverts and becomes MASTER beside it"
      : `${peer.wire.peer} may refuse the adverts of this node, if it knows one form only`,
    fix: {
      advice: `set checksum.send to ${claim.value} here, or v3_checksum_as_v2 on both or on neither`,
      commands: [],
    },
  };
}

function otherInterval(peer: PeerPicture): Discovery | undefined {
  const { instance } = peer.wire;
  const claim = claimOf(peer, {
    advert: ({ advertInterval }) => advertInterval,
    answer: ({ advertInterval }) => advertInterval,
  });
  const { advertInterval, version } = instance.router;
  if (!claim || claim.value === advertInterval) return undefined;
  return {
    severity: version === 2 ? "failure" : "warning",
    message: `${instance.name}: ${peer.wire.peer} has advert_int ${claim.value / 1000} s, this node ${advertInterval / 1000} s`,
    evidence: [claim.evidence],
    consequence:
      version === 2
        ? "VRRPv2 nodes refuse each other's adverts then, and both become MASTER"
        : "how long a failover takes depends on who was MASTER before",
    fix: { advice: "write the same advert_int on both nodes", commands: [] },
  };
}

function otherAddresses(peer: PeerPicture): Discovery | undefined {
  const { instance } = peer.wire;
  const ours = instance.virtualAddresses.map(({ address }) => address);
  const claim = claimOf<{ digest: number; list: readonly IpAddress[] | undefined; count: number }>(peer, {
    advert: ({ addresses }) => ({
      digest: addressDigest(addresses),
      list: addresses,
      count: addresses.length,
    }),
    answer: ({ addressDigest: digest, addressCount: count }) => ({ digest, list: undefined, count }),
  });
  if (!claim || claim.value.digest === addressDigest(ours)) return undefined;
  const { list, count } = claim.value;
  const differences = list
    ? [
        ...list.filter((address) => !ours.includes(address)).map((address) => `${address}: there only`),
        ...ours.filter((address) => !list.includes(address)).map((address) => `${address}: here only`),
      ]
    : [`${count} there, ${ours.length} here`];
  return {
    message: `${instance.name}: ${peer.wire.peer} has other addresses than this node`,
    evidence: [...differences, claim.evidence],
    consequence: "an address that one node lacks is gone after a failover to it",
    fix: { advice: "write the same virtual_ipaddress list on all nodes", commands: [] },
  };
}

function plural(count: number): string {
  return `${count} address${count === 1 ? "" : "es"}`;
}

function samePriority(peer: PeerPicture, { source }: InstancePicture): Discovery | undefined {
  const { instance } = peer.wire;
  // What it was configured with, rather than what trackers made of it; but keepalived answers nothing.
  const theirs = peer.probe.answer?.router?.basePriority ?? peer.adverts?.last?.priority;
  if (theirs !== instance.router.priority) return undefined;
  return {
    message: `${instance.name}: ${peer.wire.peer} has priority ${theirs} like this node`,
    evidence: [`${source} and ${peer.wire.peer}`],
    consequence: "who serves depends on who was started first and on the addresses",
    fix: { advice: "give the node that should serve the higher priority", commands: [] },
  };
}
