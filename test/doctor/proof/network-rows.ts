import { CLI } from "../../lab/cloudvip.ts";
import { commands, type Row } from "./row.ts";
import { INTERFACE, PEER, SELF } from "./world.ts";

const SECOND_LINK = [
  "ip link add other type veth peer name rest",
  "ip link set rest up",
  "ip link set other up",
];

/** Interfaces, addresses, routes, kernel settings, and what the kernel allows. */
export const NETWORK_ROWS: readonly Row[] = [
  ...(["host/agent-lacks-capability", "host/vrrp-socket-refused", "host/packet-socket-refused"] as const).map(
    (code): Row => ({
      code,
      what: "a place in which not even root has CAP_NET_RAW",
      needs: ["built"],
      break: (world) => world.behind("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"),
      mend: { advice: "CAP_NET_RAW", follow: (world) => world.behind() },
    }),
  ),
  {
    code: "host/config-mismatch",
    what: "a source address that this host does not have",
    break: commands(
      `ip address del ${SELF}/24 dev ${INTERFACE}`,
      `ip address add 10.9.0.7/24 dev ${INTERFACE}`,
    ),
    mend: {
      advice: `write an address of ${INTERFACE}: 10.9.0.7`,
      follow: commands(`ip address add ${SELF}/24 dev ${INTERFACE}`),
    },
  },
  {
    code: "host/interface-down",
    what: "a link set down",
    break: commands(`ip link set ${INTERFACE} down`, "ip route add 10.9.0.0/24 dev lo"),
    mend: "--fix",
  },
  {
    code: "host/vip-other-prefix",
    what: "an entry made by hand",
    break: commands(`ip address add 10.9.0.10/32 dev ${INTERFACE}`),
    mend: "--fix",
  },
  {
    code: "host/vip-bound-without-agent",
    what: "an address that a crash left behind",
    needs: ["built"],
    break: (world) => {
      world.run(`ip address add 10.9.0.10/24 dev ${INTERFACE}`);
      world.tool("cloudvip", `exec ${process.execPath} ${CLI} "$@"`);
    },
    mend: "--fix",
  },
  {
    code: "host/no-route-to-peer",
    what: "a peer without a route",
    break: commands(`ip route del 10.9.0.0/24 dev ${INTERFACE}`),
    mend: {
      advice: "or add a route to it",
      follow: commands(`ip route add 10.9.0.0/24 dev ${INTERFACE}`),
    },
  },
  {
    code: "host/peer-via-other-interface",
    what: "a route through another interface",
    break: commands(...SECOND_LINK, `ip route add ${PEER}/32 dev other`),
    mend: {
      advice: `add a route to ${PEER} through ${INTERFACE}`,
      follow: commands(`ip route replace ${PEER}/32 dev ${INTERFACE}`),
    },
  },
  {
    code: "host/rp-filter-drops",
    what: "strict rp_filter on two ways",
    break: commands(
      ...SECOND_LINK,
      `ip route add ${PEER}/32 dev other`,
      `sysctl -qw net.ipv4.conf.${INTERFACE}.rp_filter=1`,
    ),
    mend: "--fix",
  },
  {
    code: "host/arp-flux",
    what: "two interfaces in a subnet",
    break: commands(...SECOND_LINK, "ip address add 10.9.0.77/24 dev other"),
    mend: "--fix",
  },
];
