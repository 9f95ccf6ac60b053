import { prefixContains } from "../../base/ip.ts";
import { answer, type Check, type Discovery, type DoctorContext, unseen } from "../check.ts";
import { effectiveSysctl, setInterfaceSysctl } from "../sysctl.ts";
import { ipv4Entries, type Wire, wiresOf } from "../wires.ts";

/** Routes, and the sysctls that decide what the kernel makes of a packet or an ARP request. */
export const ROUTING_CHECKS: readonly Check[] = [
  {
    code: "host/no-route-to-peer",
    title: "there is a route to each peer",
    severity: "failure",
    why: "Adverts are unicast, so each needs a route. Without one the peers never hear this node and take over from it.",
    run: (context) =>
      eachWire(context, (wire, route) =>
        route ? [] : [{ ...noRoute(wire), evidence: [`ip route get ${wire.peer}: no route`] }],
      ),
  },
  {
    code: "host/peer-via-other-interface",
    title: "each peer is reached through the instance's interface",
    severity: "warning",
    why: "Adverts that leave through another interface bring another way of failing: the instance watches one link while its adverts depend on another, and a peer with strict rp_filter drops them.",
    run: (context) =>
      eachWire(context, ({ instance, link, peer }, route) =>
        route === undefined || route === link.name
          ? []
          : [
              {
                message: `${instance.name}: the way to ${peer} leads through ${route}, not through ${link.name}`,
                evidence: [`ip route get ${peer}: dev ${route}`],
                consequence: `a failure of ${route} looks like the death of a node although ${link.name} is up`,
                fix: {
                  advice: `add a route to ${peer} through ${link.name}, or move the instance to ${route}`,
                  commands: [],
                },
              },
            ],
      ),
  },
  {
    code: "host/rp-filter-drops",
    title: "rp_filter lets the peers' adverts in",
    severity: "failure",
    why: "With rp_filter=1 the kernel drops, silently, packets whose source it would answer through another interface. TcpExtIPReversePathFilter in /proc/net/netstat counts them. The greater of `all` and the interface's own value counts.",
    run: async (context) => {
      const hidden = await hiddenSysctl(context, ["rp_filter"]);
      if (hidden !== undefined) return unseen(`${hidden} cannot be read`);
      return eachWire(context, ({ instance, link, peer }, route) => {
        const strict = effectiveSysctl(context.host, link.name, "rp_filter") === 1;
        if (!strict || route === link.name) return [];
        return [
          {
            message: `${instance.name}: ${link.name} has strict rp_filter, and the way back to ${peer} leads through ${route ?? "nowhere"}`,
            evidence: [`net.ipv4.conf.${link.name}.rp_filter is 1 (the greater of all and ${link.name})`],
            consequence: `adverts from ${peer} are dropped, and this node becomes MASTER beside it`,
            fix: setInterfaceSysctl({ interfaceName: link.name, key: "rp_filter", value: 2 }),
          },
        ];
      });
    },
  },
  {
    code: "host/arp-flux",
    title: "ARP is answered by the right interface",
    severity: "warning",
    why: "With several interfaces in one subnet, arp_ignore=0 lets each of them answer for any address of the host, and arp_announce=0 lets ARP requests carry any source. Neighbours then learn the wrong MAC address of the VIP.",
    run: async (context) => {
      const hidden = await hiddenSysctl(context, ["arp_ignore", "arp_announce"]);
      if (hidden !== undefined) return unseen(`${hidden} cannot be read`);
      const discoveries = await arpFlux(context);
      return answer(discoveries, "one interface in each subnet, or the sysctls are set");
    },
  },
];

async function eachWire(
  context: DoctorContext,
  discover: (wire: Wire, routeInterface: string | undefined) => readonly Discovery[],
) {
  const wires = await wiresOf(context);
  const found = await Promise.all(
    wires.map(async (wire) => discover(wire, (await context.host.routeTo(wire.peer))?.interfaceName)),
  );
  return answer(found.flat(), `${wires.length} peer${wires.length === 1 ? "" : "s"}`);
}

/** The first kernel setting of an instance's interface that cannot be read; those of interfaces that are missing do not count. */
async function hiddenSysctl(context: DoctorContext, keys: readonly string[]): Promise<string | undefined> {
  const wires = await wiresOf(context);
  const names = [...new Set(wires.map(({ link }) => link.name))];
  return names
    .flatMap((name) => keys.map((key) => ({ name, key })))
    .filter(({ name, key }) => effectiveSysctl(context.host, name, key) === undefined)
    .map(({ name, key }) => `net.ipv4.conf.${name}.${key}`)[0];
}

function noRoute({ instance, link, peer }: Wire): Omit<Discovery, "evidence"> {
  return {
    message: `${instance.name}: there is no route to ${peer}`,
    consequence: `${peer} never hears this node`,
    fix: { advice: `give ${link.name} an address in the peer's subnet, or add a route to it`, commands: [] },
  };
}

async function arpFlux({ config, host }: DoctorContext): Promise<readonly Discovery[]> {
  const network = await host.network();
  const names = new Set(config.instances.map(({ interfaceName }) => interfaceName));
  const ours = network.links.filter(({ name, arp }) => names.has(name) && arp);
  return ours.flatMap((link) => {
    const subnets = ipv4Entries(network, link).filter(({ prefixLength }) => prefixLength < 32);
    const neighbour = network.links.find(
      (other) =>
        other.index !== link.index &&
        ipv4Entries(network, other).some(({ address }) =>
          subnets.some((subnet) => prefixContains(subnet, address)),
        ),
    );
    if (!neighbour) return [];
    const wanted = [
      { key: "arp_ignore", least: 1 },
      { key: "arp_announce", least: 2 },
    ].filter(({ key, least }) => (effectiveSysctl(host, link.name, key) ?? least) < least);
    return wanted.map(({ key, least }) => ({
      message: `${link.name} and ${neighbour.name} are in one subnet, and ${key} of ${link.name} is not ${least}`,
      evidence: [`net.ipv4.conf.${link.name}.${key} is ${effectiveSysctl(host, link.name, key)}`],
      consequence: "neighbours may learn the MAC address of the wrong interface for the VIP",
      fix: setInterfaceSysctl({ interfaceName: link.name, key, value: least }),
    }));
  });
}
