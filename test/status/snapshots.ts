import type { AgentSnapshot, InstanceSnapshot } from "../../src/status/snapshot.ts";
import { ip } from "../vrrp/fixtures.ts";

/** 2026-11-20T12:00:00Z, when the snapshots below were taken. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");

export const MASTER: InstanceSnapshot = {
  name: "VI_1",
  interfaceName: "eth0",
  virtualRouterId: 51,
  vrrpVersion: 3,
  state: "MASTER",
  reason: "no advert from 10.0.0.2 for 3.4 s",
  since: "2026-11-20T11:48:00.000Z",
  syncGroup: null,
  flapping: false,
  heldBackForMs: null,
  basePriority: 150,
  effectivePriority: 150,
  advertIntervalMs: 1000,
  sourceAddress: ip("10.0.0.1"),
  master: { address: ip("10.0.0.1"), priority: 150 },
  masterDownInMs: null,
  waitsForGroup: false,
  virtualAddresses: [{ address: "10.0.0.100/32", interfaceName: "eth0", bound: true }],
  peers: [
    {
      address: ip("10.0.0.2"),
      lastAdvertAgoMs: 724_000,
      lastPriority: 200,
      checksumForm: "rfc5798",
      advertLateness: null,
    },
    {
      address: ip("10.0.0.3"),
      lastAdvertAgoMs: null,
      lastPriority: null,
      checksumForm: null,
      advertLateness: null,
    },
  ],
  counters: {
    advertsSent: 720,
    advertsReceived: 31,
    becameMaster: 1,
    releasedMaster: 0,
    priorityZeroSent: 0,
    priorityZeroReceived: 0,
    sendErrors: 0,
    refused: {},
  },
};

export const BACKUP: InstanceSnapshot = {
  ...MASTER,
  name: "VI_2",
  state: "BACKUP",
  reason: "started",
  since: "2026-11-18T09:00:00.000Z",
  effectivePriority: 130,
  master: { address: ip("10.0.0.2"), priority: 200 },
  masterDownInMs: 3212.5,
  virtualAddresses: [{ address: "10.0.0.101/24", interfaceName: "eth0", bound: false }],
  peers: [
    {
      address: ip("10.0.0.2"),
      lastAdvertAgoMs: 397.2,
      lastPriority: 200,
      checksumForm: "rfc9568",
      advertLateness: null,
    },
  ],
  counters: {
    ...MASTER.counters,
    sendErrors: 2,
    refused: { ttl: 3, "not-a-peer": 12, later: 1, checksum: 0 },
  },
};

export const FAULT: InstanceSnapshot = {
  ...MASTER,
  name: "VI_3",
  state: "FAULT",
  reason: "interface eth0 is down",
  since: "2026-11-20T11:59:20.000Z",
  sourceAddress: null,
  master: null,
  virtualAddresses: [{ address: "10.0.0.102/32", interfaceName: "eth0", bound: false }],
  peers: [],
};

export function snapshotOf(...instances: readonly InstanceSnapshot[]): AgentSnapshot {
  return {
    version: 1,
    routerId: "node-a",
    cloudvipVersion: "0.1.0",
    pid: 812,
    startedAt: "2026-11-20T10:58:00.000Z",
    configFile: "/etc/cloudvip/cloudvip.yaml",
    socketAdapter: "libc",
    lateness: { samples: 1_000, maxMs: 3.2, p999Ms: 1 },
    granted: { policy: "SCHED_RR", nice: -15, memoryLock: "locked" },
    instances,
    syncGroups: [],
    channels: [],
    trackers: [],
    refused: {},
  };
}
