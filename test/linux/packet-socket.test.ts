import { afterEach, beforeEach, expect, test } from "vitest";
import { type IpAddress, parseIp } from "../../src/base/ip.ts";
import type { ArpAnnouncer } from "../../src/linux/arp-announcer.ts";
import { openArpAnnouncer } from "../../src/linux/packet-socket.ts";
import { waitFor } from "../lab/wait-for.ts";
import { makePair, type Pair, requireNamespaces } from "./in-namespace.ts";

const VIP = parseIp("10.9.0.50") as IpAddress;
const STALE_MAC = "02:00:00:00:00:99";

let pair: Pair;
let announcer: ArpAnnouncer;

beforeEach(async (context) => {
  requireNamespaces(context);
  pair = await makePair();
  announcer = pair.left.run(openArpAnnouncer);
});

afterEach(() => {
  announcer?.close();
  pair?.close();
});

function announceFrom(name: string, address = VIP): string | undefined {
  const [, index, mac = ""] = /^(\d+): .*link\/ether (\S+)/s.exec(pair.left.ip(`link show ${name}`)) ?? [];
  return announcer.announce({
    interfaceIndex: Number(index),
    hardwareAddress: Buffer.from(mac.replaceAll(":", ""), "hex"),
    address,
  });
}

test("a neighbour that knew the address under another MAC learns ours", async () => {
  pair.right.ip(`neigh add ${VIP} lladdr ${STALE_MAC} dev vb nud reachable`);
  const ours = /link\/ether (\S+)/.exec(pair.left.ip("link show va"))?.[1] ?? "";
  const neighbour = () => pair.right.ip(`neigh show ${VIP}`);
  expect(neighbour()).toContain(STALE_MAC);

  expect(announceFrom("va")).toBeUndefined();

  await waitFor(() => neighbour().includes(ours), { what: `${VIP} at ${ours}`, seen: neighbour });
});

test("one announcer serves every interface", async () => {
  pair.left.ip(`link add vc type veth peer name vd netns ${pair.right.path}`);
  pair.left.ip("link set vc up");
  pair.right.ip("addr add 10.10.0.2/24 dev vd");
  pair.right.ip("link set vd up");
  pair.right.ip(`neigh add 10.10.0.50 lladdr ${STALE_MAC} dev vd nud reachable`);
  const neighbour = () => pair.right.ip("neigh show 10.10.0.50");
  await waitFor(() => pair.left.ip("link show vc").includes("state UP"), { what: "the second cable" });

  expect(announceFrom("va")).toBeUndefined();
  expect(announceFrom("vc", parseIp("10.10.0.50") as IpAddress)).toBeUndefined();

  await waitFor(() => !neighbour().includes(STALE_MAC), { what: "the new MAC", seen: neighbour });
});

test("names the errno when the interface is down or gone", () => {
  pair.left.ip("link set va down");
  expect(announceFrom("va")).toBe("ENETDOWN");
  const hardwareAddress = new Uint8Array(6);
  expect(announcer.announce({ interfaceIndex: 4711, hardwareAddress, address: VIP })).toBe("ENXIO");
});
