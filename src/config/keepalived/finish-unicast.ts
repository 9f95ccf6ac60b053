import { parseIp } from "../../base/ip.ts";
import { effective, type Finishing, put, warn } from "./finishing.ts";
import type { PeerDraft } from "./peer-line.ts";
import type { Setting } from "./settings.ts";

/** The source of the adverts, and the checks that cloudvip makes although keepalived does not unless told to. */
export function finishSource(finishing: Finishing): void {
  const { builder, draft, scope } = finishing;
  const source = draft.settings.unicast_src_ip;
  if (source !== undefined) put(finishing, "unicast_src_ip", source);
  finishTtl(finishing);
  const check = effective(finishing, "check_unicast_src");
  put(finishing, "check_unicast_src", { value: true, at: check?.at ?? draft.at });
  if (check === undefined) {
    builder.note(
      [...scope.path, "check_unicast_src"],
      "keepalived accepts adverts from anybody unless told otherwise",
    );
  }
  const track = draft.settings.track_src_ip;
  if (track === undefined && source === undefined) return;
  put(finishing, "track_src_ip", { value: true, at: track?.at ?? source?.at ?? draft.at });
  if (track !== undefined) return;
  const text = "keepalived goes on without its source address, and becomes MASTER, unless told otherwise";
  builder.note([...scope.path, "track_src_ip"], text);
}

/** Puts the peers. Without any, keepalived falls back to multicast; this is where cloudvip refuses to. */
export function finishPeers(finishing: Finishing): void {
  const { builder, draft, scope } = finishing;
  const path = [...scope.path, "unicast_peer"];
  const peers = usablePeers(finishing);
  put(finishing, "unicast_peer", {
    value: peers.map(({ value }) => document(value)),
    at: draft.peersAt ?? draft.at,
  });
  for (const [index, { at }] of peers.entries()) builder.place([...path, index], at);
  if (peers.some(({ value }) => value.min_ttl === undefined)) {
    builder.note(
      path,
      "min_ttl 0: keepalived accepts any TTL; without it cloudvip demands 255 on its own subnet",
    );
  }
  if (peers.length > 0) return;
  scope.log.error(draft.peersAt ?? draft.at, {
    path,
    message: `${draft.name} has no unicast_peer: keepalived would use multicast, which clouds drop; cloudvip never falls back to it`,
    fix: "write unicast_src_ip with this node's address, and unicast_peer { } with the address of each other node, one per line",
  });
}

/** Some versions of keepalived forget a TTL that stands in front of the peers; 2.2.7 does not. */
function finishTtl(finishing: Finishing): void {
  const { draft } = finishing;
  const ttl = draft.settings.unicast_ttl;
  if (ttl === undefined) return;
  put(finishing, "unicast_ttl", ttl);
  const before =
    draft.peersAt !== undefined && draft.peersAt.file === ttl.at.file && ttl.at.line < draft.peersAt.line;
  if (ttl.value === 255 || !before) return;
  const message = `unicast_ttl stands before unicast_peer: some versions of keepalived go back to 255; cloudvip uses ${ttl.value}`;
  warn(finishing, ttl, "unicast_ttl", message, "write unicast_ttl behind the unicast_peer block");
}

/** Each peer once, without this node itself. keepalived sends to itself and twice to those. */
function usablePeers(finishing: Finishing): readonly Setting<PeerDraft>[] {
  const source = finishing.draft.settings.unicast_src_ip?.value;
  const own = source === undefined ? undefined : (parseIp(source) ?? source);
  const seen = new Set<string>();
  return finishing.draft.peers.filter((peer) => {
    const address = parseIp(peer.value.address) ?? peer.value.address;
    const twice = seen.has(address);
    seen.add(address);
    if (!twice && address !== own) return true;
    const message = twice
      ? `${address} is listed twice: keepalived sends to it twice; cloudvip sends once`
      : `${address} is this node itself: keepalived sends to itself; cloudvip leaves it out`;
    warn(finishing, peer, "unicast_peer", message, "remove the line");
    return false;
  });
}

function document({ address, ...ttl }: PeerDraft): Record<string, unknown> {
  return { address, min_ttl: 0, ...ttl };
}
