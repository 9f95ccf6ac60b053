/**
 * The election thread: one socket, one timer, and the instances between them. Everything here runs to completion without
 * waiting; what takes time (netlink answers, the status socket, the log) comes back as an event.
 */
import { type IpAddress, ipToBytes } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { Config, InstanceConfig } from "../config/config.ts";
import type { ArpAnnouncer } from "../linux/arp-announcer.ts";
import type { Network, NetworkEvent } from "../linux/network.ts";
import type { VrrpSocket, VrrpSocketEvents } from "../linux/vrrp-socket.ts";
import type { Influence } from "../track/influence.ts";
import { virtualRouterIdOf } from "../vrrp/admission.ts";
import { decodeIpv4Packet, type Ipv4Packet } from "../vrrp/ipv4-header.ts";
import { isProbe } from "../vrrp/probe.ts";
import type { Refusal } from "../vrrp/refusal.ts";
import { isTooLate } from "../vrrp/safe-interval.ts";
import type { AdvertReceiver, HeardAdvert } from "./advert-receiver.ts";
import type { Cloud } from "./cloud.ts";
import { Concerned } from "./concerned.ts";
import { DeadlineQueue } from "./deadline-queue.ts";
import type { GroupEvent, InstanceEvent } from "./events.ts";
import { FlapWatches } from "./flap-watches.ts";
import { managedAddresses } from "./host-view.ts";
import { Instance } from "./instance.ts";
import { KnownAdverts } from "./known-adverts.ts";
import { Lateness, type LatenessSnapshot } from "./lateness.ts";
import { ProbeResponder } from "./probe-responder.ts";
import { planReload } from "./reload-plan.ts";
import { type SyncGroup, SyncGroups } from "./sync-groups.ts";
import type { Timed } from "./timed.ts";

export interface AgentPorts {
  readonly openSocket: (events: VrrpSocketEvents) => VrrpSocket;
  readonly network: Network;
  readonly arp: ArpAnnouncer;
  readonly now: () => Millis;
  readonly report: (instance: Instance, event: InstanceEvent) => void;
  /** What its trackers do to an instance now. */
  readonly influence: (config: InstanceConfig) => Influence;
  readonly reportGroup: (group: SyncGroup, event: GroupEvent) => void;
  readonly openCloud: (instance: Instance, schedule: (timed: Timed) => void) => Cloud | undefined;
  /** A packet that belongs to no instance was refused. */
  readonly reportStray: (stray: { reason: Refusal; source: IpAddress | undefined }) => void;
  /** The timer fired so late that adverts of `advertInterval` do not bear it. */
  readonly reportLate: (lateness: { readonly late: Millis; readonly advertInterval: Millis }) => void;
  /** The socket failed; the agent cannot go on. */
  readonly onFatal: (error: Error) => void;
  /** Of this cloudvip; a peer's doctor is told. */
  readonly softwareVersion: string;
}

/** More than a busy machine's scheduling; a process that was this late may have missed what the others said. */
const LATE_MS = 50;

/** While many adverts come, they may wait in the socket for so much of the fastest advert_int, and never longer than that. */
const READING_DELAY_SHARE = 0.05;
const READING_DELAY_MAX_MS = 5;

export class Agent {
  readonly #ports: AgentPorts;
  readonly #socket: VrrpSocket;
  readonly #known = new KnownAdverts<{ readonly receiver: AdvertReceiver; readonly heard: HeardAdvert }>();
  readonly #deadlines = new DeadlineQueue<Timed>();
  readonly #refused: Record<string, number> = {};
  readonly #lateness = new Lateness();
  readonly #probes: ProbeResponder;
  /** The shortest advert_int of all instances. */
  #fastest: Millis = millis(Number.POSITIVE_INFINITY);
  readonly #groups: SyncGroups;
  readonly #flaps: FlapWatches;
  #instances: Instance[] = [];
  #byVirtualRouterId = new Map<number | undefined, Instance[]>();
  #concerned: Concerned;
  #timer: { readonly handle: NodeJS.Timeout; readonly at: Millis } | undefined;
  /** During a turn: when it began. */
  #turnBegan: Millis | undefined;

  constructor(ports: AgentPorts) {
    this.#ports = ports;
    this.#concerned = new Concerned([], ports.network);
    this.#groups = new SyncGroups({
      instances: () => this.#instances,
      report: (group, event) => {
        this.#flaps.groupMoved(group);
        ports.reportGroup(group, event);
      },
    });
    this.#flaps = new FlapWatches({
      now: ports.now,
      schedule: (timed) => this.#schedule(timed),
      membersOf: ({ kind, name }) =>
        kind === "group"
          ? this.#groups.membersOf(name)
          : this.#instances.filter(({ config }) => config.name === name),
      report: ({ kind, name }, event) => {
        const group = kind === "group" ? this.syncGroups.find((one) => one.name === name) : undefined;
        if (group) ports.reportGroup(group, event);
        else this.#instances.find(({ config }) => config.name === name)?.report(event);
      },
    });
    this.#socket = ports.openSocket({
      onPacket: (bytes) => this.#receive(bytes),
      onSendError: (error, destination) => {
        const about = this.#instances.filter(({ config }) =>
          config.peers.some(({ address }) => address === destination),
        );
        for (const instance of about) instance.sendFailed(destination, error.message);
      },
      onError: ports.onFatal,
    });
    this.#probes = new ProbeResponder({
      instances: () => this.#instances,
      send: (packet, destination) => this.#socket.send(packet, destination),
      now: ports.now,
      softwareVersion: ports.softwareVersion,
    });
    ports.network.onChange((event) => this.#networkChanged(event));
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** Whether an instance flaps, what holds it back, and the way to end that. */
  get flaps(): Pick<FlapWatches, "of" | "release"> {
    return this.#flaps;
  }

  get syncGroups(): readonly SyncGroup[] {
    return this.#groups.all();
  }

  get socketAdapter(): VrrpSocket["adapter"] {
    return this.#socket.adapter;
  }

  /** Refused packets that belong to no instance, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return this.#refused;
  }

  get lateness(): LatenessSnapshot {
    return this.#lateness.snapshot();
  }

  start(config: Config): void {
    this.#flaps.configure(config.flapping);
    this.#add(config.instances);
  }

  /** Goes over to another configuration; a virtual router that is in both keeps its state and its addresses. */
  async reload(config: Config): Promise<void> {
    const plan = planReload(this.#instances, config.instances);
    for (const { running, config: changed } of plan.change) this.#handOver(running, changed);
    // They hear their successors until they are gone.
    const stopped = plan.stop.map((instance) => instance.stop());
    for (const { running, config: changed } of plan.change) running.reconfigure(changed);
    // What they were given is theirs to put back, while the others are still on their way out.
    this.#use(this.#instances);
    // Gone before a new instance may bind them.
    await Promise.all(stopped);
    this.#use(this.#instances.filter((instance) => !plan.stop.includes(instance)));
    this.#flaps.configure(config.flapping);
    this.#add(plan.start);
    this.#groups.review();
  }

  /** Says goodbye in every instance; resolves when the adverts are out and the addresses are gone. */
  async stop(): Promise<void> {
    let stopped: readonly Promise<void>[] = [];
    this.#turn(() => {
      stopped = this.#instances.map((instance) => instance.stop());
    });
    await Promise.all(stopped);
    await this.#socket.flushed();
    clearTimeout(this.#timer?.handle);
    this.#socket.close();
  }

  /** An address that a MASTER gets from another instance stays where it is: the service behind it shall not blink. */
  #handOver(to: Instance, config: InstanceConfig): void {
    if (to.router.state.kind !== "MASTER") return;
    const addresses = managedAddresses(config);
    for (const instance of this.#instances) if (instance !== to) instance.keeper.leave(addresses);
  }

  #add(configs: readonly InstanceConfig[]): void {
    const { network, arp, now: clock } = this.#ports;
    const added = configs.map(
      (config) =>
        new Instance(config, {
          socket: this.#socket,
          network,
          arp,
          clock,
          now: () => this.#turnBegan ?? clock(),
          schedule: (timed) => this.#schedule(timed),
          openCloud: (instance) => this.#ports.openCloud(instance, (timed) => this.#schedule(timed)),
          report: (instance, event) => this.#report(instance, event),
          moved: (instance) => this.#groups.moved(instance),
          influence: this.#ports.influence,
        }),
    );
    this.#use([...this.#instances, ...added]);
    this.#turn(() => {
      for (const instance of added) instance.start();
    });
  }

  /**
   * What happens at one time happens at one `now` for all instances, so that a thousand that start or take over together keep
   * one beat and wake the loop together ever after; and what they send is sent together.
   */
  #turn(work: () => void): void {
    this.#turnBegan = this.#ports.now();
    try {
      this.#socket.together(work);
    } finally {
      this.#turnBegan = undefined;
    }
  }

  #report(instance: Instance, event: InstanceEvent): void {
    this.#flaps.heard(instance, event);
    this.#ports.report(instance, event);
    this.#groups.heard(instance, event);
  }

  #use(instances: Instance[]): void {
    this.#instances = instances;
    this.#fastest = millis(Math.min(...instances.map(({ config }) => config.router.advertInterval)));
    this.#socket.letWait(millis(Math.min(READING_DELAY_MAX_MS, this.#fastest * READING_DELAY_SHARE)));
    this.#known.clear();
    this.#concerned = new Concerned(instances, this.#ports.network);
    this.#byVirtualRouterId = new Map();
    for (const instance of instances) {
      const { virtualRouterId } = instance.config.router;
      const others = this.#byVirtualRouterId.get(virtualRouterId) ?? [];
      this.#byVirtualRouterId.set(virtualRouterId, [...others, instance]);
    }
  }

  #receive(bytes: Uint8Array): void {
    const known = this.#known.meaningOf(bytes);
    if (known?.receiver.hearAgain(known.heard)) return;
    const packet = decodeIpv4Packet(bytes);
    if (!packet.ok) {
      this.#refuse(packet.reason, undefined);
      return;
    }
    if (isProbe(packet.payload)) {
      const refusal = this.#probes.receive(packet);
      if (refusal) this.#refuse(refusal, packet.source);
      return;
    }
    const instance = this.#addressee(packet);
    if (!instance) {
      this.#refuse(strayRefusal(packet), packet.source);
      return;
    }
    const { receiver } = instance;
    const heard = receiver.receive(packet);
    if (heard) this.#known.remember(bytes, { receiver, heard });
  }

  /** A virtual_router_id may be used again on one address as long as the peers differ. */
  #addressee(packet: Ipv4Packet): Instance | undefined {
    const namesakes = this.#byVirtualRouterId.get(virtualRouterIdOf(packet)) ?? [];
    const candidates = namesakes.filter(({ router }) => router.localAddress === packet.destination);
    const fromPeer = ({ config }: Instance) => config.peers.some(({ address }) => address === packet.source);
    return candidates.length > 1 ? (candidates.find(fromPeer) ?? candidates[0]) : candidates[0];
  }

  #refuse(reason: Refusal, source: IpAddress | undefined): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    this.#ports.reportStray({ reason, source });
  }

  /** The service thread was started anew; what the clouds were asked has no answer. */
  cloudCallsLost(): void {
    for (const instance of this.#instances) instance.cloudCallsLost();
  }

  /** The instances that track something by this name. */
  tracking(name: string): readonly Instance[] {
    return this.#instances.filter(({ config }) => config.track.some((tracked) => tracked.name === name));
  }

  #networkChanged(event: NetworkEvent): void {
    for (const instance of this.#concerned.by(event)) {
      // Another source address may make another instance the addressee.
      this.#known.clear();
      instance.hostChanged();
    }
    if (event.kind === "address-removed") {
      for (const instance of this.#concerned.managing(event.entry.address))
        instance.addressRemoved(event.entry);
    }
    if (event.kind === "resynchronised") for (const instance of this.#instances) instance.restoreAddresses();
  }

  #schedule(timed: Timed): void {
    this.#deadlines.schedule(timed);
    this.#armTimer();
  }

  #armTimer(): void {
    const at = this.#deadlines.next();
    if (at === undefined || (this.#timer && this.#timer.at <= at)) return;
    clearTimeout(this.#timer?.handle);
    // setTimeout drops fractions and may fire up to 1 ms early; `takeDue` compares with the clock, and a rest is re-armed.
    const handle = setTimeout(() => this.#timerFired(at), Math.max(0, at - this.#ports.now()));
    this.#timer = { handle, at };
  }

  #timerFired(scheduledAt: Millis): void {
    this.#timer = undefined;
    const now = this.#ports.now();
    const due = this.#deadlines.takeDue(now);
    // After a pause Node runs timers before it reads sockets: a healthy BACKUP would promote itself with twenty fresh
    // adverts queued, and a MASTER would speak up before it heard who took over. Whoever acts on silence, or woke late,
    // reads first what was queued.
    const late = millis(Math.max(0, now - scheduledAt));
    this.#noteLateness(late);
    // Before, so that a MASTER answers nobody whose word is old; and after, since a wait that begins with old words is too short.
    if (late > LATE_MS) this.#wokeLate(late);
    if (late > LATE_MS || due.some(({ actsOnSilence }) => actsOnSilence)) this.#socket.drain();
    if (late > LATE_MS) this.#wokeLate(late);
    this.#turn(() => {
      for (const timed of due) timed.tick();
    });
    this.#armTimer();
  }

  #wokeLate(late: Millis): void {
    for (const instance of this.#instances) instance.wokeLate(late);
  }

  #noteLateness(late: Millis): void {
    this.#lateness.record(late);
    const advertInterval = this.#fastest;
    if (isTooLate(late, advertInterval)) this.#ports.reportLate({ late, advertInterval });
  }
}

function strayRefusal(packet: Ipv4Packet): Refusal {
  if (isMulticast(packet.destination)) return "multicast";
  return virtualRouterIdOf(packet) === undefined ? "truncated" : "unknown-vrid";
}

function isMulticast(address: IpAddress): boolean {
  const [first = 0] = ipToBytes(address);
  return first >= 224 && first < 240;
}
