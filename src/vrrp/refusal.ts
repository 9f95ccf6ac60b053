/**
 * Why a packet was refused. The names are counted in `status`, printed by `watch`, and stable. A refused packet changes
 * nothing: no timer, no state.
 */
export const REFUSALS = {
  truncated: "the packet ends before the VRRP message does",
  "not-vrrp": "the IPv4 packet is not of protocol 112",
  fragment: "the packet is an IP fragment",
  multicast: "it was sent to a multicast group, and cloudvip speaks unicast only",
  "own-address":
    "its source is an address of this node: another program here speaks VRRP, or someone forges it",
  "bad-source": "its source is no address that a host can have",
  "not-a-peer": "its source is not listed in unicast_peer",
  ttl: "its TTL is outside what is accepted from this peer (255 on the same subnet, unless min_ttl says otherwise)",
  version: "its VRRP version differs from the one configured",
  type: "its VRRP type is not 1 (ADVERTISEMENT)",
  "no-addresses": "it lists no address, and this instance has some",
  length: "its length does not match the number of addresses that it lists",
  checksum: "its checksum is wrong (was an address on the way translated?)",
  "checksum-form": "its checksum has the form that checksum.accept excludes",
  "unknown-vrid": "no instance here has its virtual_router_id",
  "auth-type": "its authentication type differs from the one configured",
  "auth-pass": "its password differs from auth_pass",
  "interval-zero": "its advertisement interval is 0",
  "probed-too-often": "it is a question of `cloudvip doctor`, and too many of them came within a second",
  "interval-mismatch": "its advert_int differs from ours, which VRRPv2 does not allow",
} as const;

export type Refusal = keyof typeof REFUSALS;
