import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { formatSnapshot } from "../../src/commands/status-view.ts";
import type { AgentSnapshot } from "../../src/status/snapshot.ts";
import { BACKUP, FAULT, MASTER, NOW, snapshotOf } from "../status/snapshots.ts";

test("the view tells state, reason, MASTER, addresses, peers, settings and counters of each instance", () => {
  expect(view(snapshotOf(MASTER, BACKUP, FAULT))).toBe(`\
node-a: cloudvip 0.1.0, process 812, running for 1 h 2 min, /etc/cloudvip/cloudvip.yaml, socket by libc, SCHED_RR, code locked in memory, timer at most 3.2 ms late

VI_1  MASTER  for 12 min 0 s, since 2026-11-20T11:48:00.000Z: no advert from 10.0.0.2 for 3.4 s
  master      this node (10.0.0.1)
  addresses   10.0.0.100/32 on eth0, bound
  peers       10.0.0.2  last advert 12 min 4 s ago, priority 200, checksum rfc5798
              10.0.0.3  no advert heard (a healthy BACKUP sends none)
  settings    virtual_router_id 51, VRRPv3, on eth0, from 10.0.0.1, priority 150, advert_int 1 s
  counters    720 sent; 31 received; became MASTER 1×, released it 0×; priority 0 sent 0, received 0; 0 send errors

VI_2  BACKUP  for 2 d 3 h, since 2026-11-18T09:00:00.000Z: started
  master      10.0.0.2, priority 200; takeover in 3.2 s unless it is heard
  addresses   10.0.0.101/24 on eth0, not bound here
  peers       10.0.0.2  last advert 397 ms ago, priority 200, checksum rfc9568
  settings    virtual_router_id 51, VRRPv3, on eth0, from 10.0.0.1, priority 130 (150 configured, trackers shift it), advert_int 1 s
  counters    720 sent; 31 received; became MASTER 1×, released it 0×; priority 0 sent 0, received 0; 2 send errors
  refused     12 × not-a-peer: its source is not listed in unicast_peer
              3 × ttl: its TTL is outside what is accepted from this peer (255 on the same subnet, unless min_ttl says otherwise)
              1 × later: no description

VI_3  FAULT  for 40 s, since 2026-11-20T11:59:20.000Z: interface eth0 is down
  master      none known
  addresses   10.0.0.102/32 on eth0, not bound here
  settings    virtual_router_id 51, VRRPv3, on eth0, from no address, priority 150, advert_int 1 s
  counters    720 sent; 31 received; became MASTER 1×, released it 0×; priority 0 sent 0, received 0; 0 send errors
`);
});

test("sync groups, what flaps, trackers and channels are told where there are any", () => {
  const snapshot: AgentSnapshot = {
    ...snapshotOf({ ...BACKUP, flapping: true, heldBackForMs: 240_000 }),
    syncGroups: [
      {
        ...{ name: "VG1", state: "FAULT", since: "2026-11-20T11:59:20.000Z", instances: ["VI_1", "VI_2"] },
        reason: "VI_1: the check chk fails",
      },
    ],
    trackers: [
      {
        ...{ name: "chk", kind: "script", state: "down", value: null, warning: null },
        ...{ detail: "exit code 1: 100% lost", since: "2026-11-20T11:59:20.000Z" },
      },
      {
        ...{ name: "weight", kind: "file", state: "value", value: -20, warning: null, since: null },
        detail: "-20",
      },
      {
        ...{ name: "web", kind: "http", state: "up", value: null, since: "2026-11-20T11:59:20.000Z" },
        ...{ detail: "200 OK", warning: "the certificate expires in 3 days" },
      },
    ],
    channels: [
      {
        ...{ name: "ops", type: "dingtalk", queued: 3, delivered: 20, retried: 2, merged: 12 },
        ...{ dropped: { "queue-full": 0, "too-old": 1, rejected: 0 }, blockedForMs: 41_000 },
        trouble: "not delivered, to be tried again: HTTP 500",
      },
    ],
  };
  const text = view(snapshot);
  expect(text).toContain(`\
sync group VG1  FAULT  for 40 s, since 2026-11-20T11:59:20.000Z: VI_1: the check chk fails
  instances   VI_1, VI_2
`);
  expect(text).toContain(`\
  flapping    changes its state too often
              does not preempt for 4 min 0 s (flap_hold), because its own health made it flap; cloudvip maintenance off ends that
`);
  expect(text).toMatch(
    /Trackers\n {2}chk {2}down for 40 s \(script\): exit code 1: 100% lost\n {2}weight {2}value -20 \(file\): -20\n {2}web {2}up for 40 s \(http\): 200 OK\n {2}web: the certificate expires in 3 days\n/,
  );
  expect(
    text.endsWith(`\
Notifications
  ops (dingtalk)  20 delivered, 12 of them merged, 3 waiting, 2 attempts repeated, 1 dropped (too-old), held back for 41 s
    not delivered, to be tried again: HTTP 500
`),
  ).toBe(true);
});

test("an address that is bound where it must not be, or missing where it must be, is said in words", () => {
  const [address] = MASTER.virtualAddresses;
  const virtualAddresses = (bound: boolean) => (address ? [{ ...address, bound }] : []);
  expect(view(snapshotOf({ ...MASTER, virtualAddresses: virtualAddresses(false) }))).toContain(
    "10.0.0.100/32 on eth0, NOT BOUND on the MASTER",
  );
  expect(view(snapshotOf({ ...BACKUP, virtualAddresses: virtualAddresses(true) }))).toContain(
    "10.0.0.100/32 on eth0, STILL BOUND though not MASTER",
  );
});

test("packets that belong to no instance are told at the end", () => {
  const snapshot: AgentSnapshot = { ...snapshotOf(), refused: { "unknown-vrid": 5 } };
  expect(view(snapshot)).toMatch(
    /Packets for none of these instances:\n5 × unknown-vrid: no instance here has its virtual_router_id\n$/,
  );
});

test("an agent that starts is said not to listen yet", () => {
  expect(view({ ...snapshotOf(), socketAdapter: null, lateness: null, granted: null })).toMatch(
    /cloudvip\.yaml, not listening yet\n$/,
  );
});

test("a timer that was later than the adverts bear is told with the smallest interval that is safe", () => {
  const late = { samples: 1_000, maxMs: 600.4, p999Ms: 5 };
  const granted = { policy: "SCHED_OTHER", nice: -15, memoryLock: "EPERM" } as const;
  expect(view({ ...snapshotOf(MASTER), lateness: late, granted })).toContain(
    "socket by libc, nice -15, timer at most 600.4 ms late (the smallest safe advert_int for that is 1210 ms)\n",
  );
});

test("colour adds nothing but colour", () => {
  const snapshot = snapshotOf(MASTER, BACKUP, FAULT);
  const colored = formatSnapshot(snapshot, { color: true, now: NOW });
  expect(colored).not.toBe(view(snapshot));
  expect(stripVTControlCharacters(colored)).toBe(view(snapshot));
});

test("a clock that was set back gives no negative age", () => {
  const view = formatSnapshot(snapshotOf(MASTER), { color: false, now: NOW - 86_400_000 });
  expect(view).toContain("VI_1  MASTER  for 0 s,");
});

function view(snapshot: AgentSnapshot): string {
  return formatSnapshot(snapshot, { color: false, now: NOW });
}
