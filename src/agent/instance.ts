import { isDeepStrictEqual } from "node:util";
import type { IpAddress } from "../base/ip.ts";
import { type Millis, millis } from "../base/units.ts";
import type { InstanceConfig } from "../config/config.ts";
import type { ArpAnnouncer } from "../linux/arp-announcer.ts";
import type { AddressEntry, Network } from "../linux/network.ts";
import type { VrrpSocket } from "../linux/vrrp-socket.ts";
import type { TakeoverNote } from "../takeover/actions.ts";
import type { Doubt } from "../takeover/events.ts";
import type { Influence } from "../track/influence.ts";
import type { Action, AnnouncementBurst } from "../vrrp/actions.ts";
import type { RouterEvent } from "../vrrp/events.ts";
import { faultChanges } from "../vrrp/fault-changes.ts";
import {
  type BackupState,
  type Fault,
  type HandoverEnd,
  isHostFault,
  isTrackerFault,
  NEVER,
  stateName,
  type VirtualRouter,
} from "../vrrp/state.ts";
import { concernsGroup, leaveGroup } from "../vrrp/sync-group.ts";
import { createRouter, nextDeadline, step } from "../vrrp/virtual-router.ts";
import { AddressKeeper } from "./address-keeper.ts";
import { AdvertReceiver } from "./advert-receiver.ts";
import { AdvertSender } from "./advert-sender.ts";
import { Announcer, roundsOf } from "./announcer.ts";
import type { Cloud } from "./cloud.ts";
import type { Acquaintance } from "./cloud-reading.ts";
import { Counters } from "./counters.ts";
import type { InstanceEvent } from "./events.ts";
import { handoverTo } from "./handover.ts";
import { admissionPolicyOf, faultsOf, sourceAddressOf } from "./host-view.ts";
import { PeerTable } from "./peer-table.ts";
import { PhaseClock } from "./phases.ts";
import { StateHistory } from "./state-history.ts";
import type { Timed } from "./timed.ts";

export interface InstancePorts {
  readonly socket: VrrpSocket;
  readonly network: Network;
  readonly arp: ArpAnnouncer;
  /** The time, as one for all that happens in one turn of the loop. */
  readonly now: () => Millis;
  /** The time as it goes on, to measure with. */
  readonly clock: () => Millis;
  /** The instance's deadline may have changed. */
  readonly schedule: (timed: Timed) => void;
  readonly report: (instance: Instance, event: InstanceEvent) => void;
  /** Something changed that may mean something to its sync group. */
  readonly moved: (instance: Instance) => void;
  /** What its trackers do to an instance now. */
  readonly influence: (config: InstanceConfig) => Influence;
  /** The cloud's side of an instance that has one. */
  readonly openCloud: (instance: Instance) => Cloud | undefined;
}

/** The shell of one virtual router: feeds the pure core with what happens, and carries out what it answers. */
export class Instance implements Timed {
  readonly counters = new Counters();
  readonly peers = new PeerTable();
  readonly keeper: AddressKeeper;
  readonly receiver: AdvertReceiver;
  readonly #ports: InstancePorts;
  readonly #announcer: Announcer;
  readonly #phases: PhaseClock;
  readonly #history = new StateHistory();
  #cloud: Cloud | undefined;
  #config: InstanceConfig;
  #router: VirtualRouter;
  #sender: AdvertSender;
  #handoverEnded: () => void = () => {};
  #reportedPhases = 0;
  #started = false;
  /** Ends when the addresses last asked for are bound or gone. */
  #addressWork: Promise<unknown> = Promise.resolve();

  constructor(config: InstanceConfig, ports: InstancePorts) {
    const { network } = ports;
    const source = sourceAddressOf(config, network);
    this.#config = config;
    this.#ports = ports;
    this.#router = createRouter(config.router, source);
    this.#sender = new AdvertSender(config, source);
    this.receiver = new AdvertReceiver(admissionPolicyOf(config, source, network), {
      counters: this.counters,
      peers: this.peers,
      now: ports.now,
      report: (event) => this.report(event),
      dispatch: (event) => this.dispatch(event),
    });
    this.#phases = new PhaseClock(ports.clock);
    this.keeper = new AddressKeeper(config, network, (event) => this.report(event));
    this.#announcer = new Announcer(ports, (failure) => this.report({ kind: "announce-failed", ...failure }));
  }

  get config(): InstanceConfig {
    return this.#config;
  }

  /** The last transition, for people. */
  get last(): { readonly reason: string; readonly at: Date } {
    return this.#history.last;
  }

  get router(): VirtualRouter {
    return this.#router;
  }

  deadline(): Millis | undefined {
    return nextDeadline(this.#router);
  }

  get actsOnSilence(): boolean {
    return this.#router.state.kind === "BACKUP";
  }

  tick(): void {
    this.dispatch({ kind: "tick" });
  }

  start(): void {
    this.#cloud = this.#ports.openCloud(this);
    this.hostChanged();
    this.trackersChanged();
  }

  /** Hands over what it has, or gives it up when nobody takes it; resolves when the addresses are gone. */
  async stop(): Promise<void> {
    // A tracker that reports from now on starts nothing.
    this.#started = true;
    await this.#handOver("INIT");
    this.#cloud?.close();
    await this.#addressWork;
  }

  /**
   * A planned failover: to a BACKUP's place, or into maintenance.
   *
   * @returns whether this node is MASTER no longer; false when nobody took over and it goes on
   */
  async handOver(to: "BACKUP" | "FAULT"): Promise<boolean> {
    await this.#handOver(to);
    return stateName(this.#router.state) !== "MASTER";
  }

  /** The end of maintenance: takes part in the election again. */
  endMaintenance(): void {
    this.dispatch({ kind: "fault-cleared", fault: "maintenance" });
  }

  /** Takes over new settings of the same virtual router without leaving its state. */
  reconfigure(config: InstanceConfig): void {
    const sameCloud = isDeepStrictEqual(this.#config.provider, config.provider);
    this.#config = config;
    const dropped = this.keeper.reconfigure(config);
    this.#addressWork = Promise.all([this.#addressWork, dropped]);
    this.#useSource(sourceAddressOf(config, this.#ports.network));
    this.hostChanged();
    this.dispatch({ kind: "reconfigured", settings: config.router });
    if (config.syncGroup === undefined) for (const event of leaveGroup(this.#router)) this.dispatch(event);
    this.trackersChanged();
    if (sameCloud) this.doubtCloud("reloaded");
    else this.#changeCloud();
  }

  /** Something happened after which the cloud may show another holder. */
  doubtCloud(cause: Doubt): void {
    this.#cloud?.dispatch({ kind: "doubt", cause });
  }

  /** This process slept for `late` longer than it meant to; what the socket had queued is read. */
  wokeLate(late: Millis): void {
    const before = this.#router;
    this.dispatch({ kind: "woke-late", late });
    const { state } = this.#router;
    if (state.kind !== "MASTER" || this.#router === before) return;
    this.#cloud?.dispatch({ kind: "woke-late", listenUntil: state.advertiseAt });
  }

  /** The service thread was started anew. */
  cloudCallsLost(): void {
    this.#cloud?.dispatch({ kind: "calls-lost" });
  }

  /** For the cloud's side of the instance: what a look at the owners means for this node. */
  acquaintance(): Acquaintance {
    const peers = this.#config.peers.map(({ address }) => address);
    const heardAt = (peer: IpAddress) => this.peers.heardAt(peer);
    return { peers, heardAt, since: this.#history.hearingSince, now: this.#ports.now() };
  }

  cloudNoted(note: TakeoverNote): void {
    this.report(note);
    if (note.kind === "cloud-claimed") this.#phases.end("claim");
    if (note.kind === "cloud-verified") this.#phases.end("verify");
    this.#reportServing();
  }

  /** Links or addresses of the host changed: compares them with what the instance needs. */
  hostChanged(): void {
    const { network } = this.#ports;
    const source = sourceAddressOf(this.#config, network);
    if (source !== this.#router.localAddress) this.#useSource(source);
    else this.receiver.policy = admissionPolicyOf(this.#config, source, network);
    this.#setFaults(faultsOf(this.#config, network), isHostFault);
  }

  /** What the trackers say is another thing, or other trackers are asked. */
  trackersChanged(): void {
    const { shift, faults, pending } = this.#ports.influence(this.#config);
    const { priority } = this.#router;
    // Before a fault ends: what comes out of FAULT takes part with the priority that it has now.
    this.dispatch({ kind: "priority-changed", priority: this.#config.router.priority + shift });
    if (this.#router.priority !== priority)
      this.report({ kind: "priority-changed", from: priority, to: this.#router.priority });
    this.#setFaults(
      faults.map((name) => `tracker:${name}` as const),
      isTrackerFault,
    );
    if (pending.length === 0) this.#start();
    else this.#history.waits(`waits for the first result of ${pending.join(", ")}`);
  }

  addressRemoved(entry: AddressEntry): void {
    void this.keeper.putBack(entry).then((restored) => restored && this.announce("lower-priority"));
  }

  /** Events were lost: whatever a MASTER should have is asked for again. */
  restoreAddresses(): void {
    if (this.#router.state.kind === "MASTER") this.#addressWork = this.keeper.bind();
  }

  dispatch(event: RouterEvent): void {
    const before = this.#router;
    const [next, actions] = step(before, event, this.#ports.now());
    this.#router = next;
    if (before.state.kind === "BACKUP") this.#leftOrStayed(before.state);
    for (const action of actions) this.#perform(action, before);
    if (next.state.kind !== "LEAVING") this.#handoverEnded();
    this.#ports.schedule(this);
    if (this.#config.syncGroup !== undefined && concernsGroup(before, next)) this.#ports.moved(this);
  }

  sendFailed(destination: IpAddress, error: string): void {
    this.report({ kind: "send-failed", destination, error });
  }

  #perform(action: Action, before: VirtualRouter): void {
    switch (action.kind) {
      case "send-advert":
        this.#sender.send(this.#ports.socket, action.priority);
        this.counters.sent(action.priority);
        this.#phases.end("elect");
        return;
      case "bind":
        this.#addressWork = this.keeper.bind().then(() => this.#phases.end("bind"));
        return;
      case "unbind":
        this.#announcer.cancel();
        this.#addressWork = this.keeper.unbind();
        return;
      case "announce":
        void this.#addressWork.then(() => this.announce(action.burst));
        return;
      case "announce-source":
        this.#announceSource();
        return;
      case "transition":
        this.#changed(action, before);
        if (action.to === "MASTER") this.#cloud?.dispatch({ kind: "mastership-gained" });
        if (action.from === "MASTER") this.#cloud?.dispatch({ kind: "mastership-lost" });
        return;
      case "handing-over":
        this.report(action);
        this.#cloud?.handOver(() => this.dispatch({ kind: "successor-serves" }));
        return;
      case "handover-failed":
        this.report(action);
        this.#cloud?.dispatch({ kind: "mastership-gained" });
        return;
      case "lower-priority-heard":
        this.report(action);
        this.doubtCloud("lower-priority-heard");
        return;
      case "interval-learned":
        this.report(action);
    }
  }

  #changed(transition: Extract<Action, { kind: "transition" }>, before: VirtualRouter): void {
    const now = this.#ports.now();
    const heardAt = (peer: IpAddress) => this.peers.heardAt(peer);
    this.report(this.#history.changed(transition, before, { now, heardAt }));
  }

  /** What an event in BACKUP means beyond the election: the start of a failover's clock, or the end of a hold. */
  #leftOrStayed(before: BackupState): void {
    const { state } = this.#router;
    if (before.masterDownAt === NEVER && !(state.kind === "BACKUP" && state.masterDownAt === NEVER)) {
      this.#cloud?.dispatch({ kind: "hold-ended" });
    }
    if (state.kind !== "MASTER") return;
    const dueAt = millis(Math.min(before.masterDownAt, this.#ports.now()));
    this.#phases.begin({ heardAt: this.peers.heardAt(before.master?.address), dueAt });
  }

  /** Resolves when the handover has ended, one way or the other. */
  #handOver(to: HandoverEnd): Promise<void> {
    const cloudMoves = this.#cloud?.moves === true;
    return new Promise((resolve) => {
      this.#handoverEnded = resolve;
      this.dispatch(handoverTo(to, { cloudMoves }));
    });
  }

  #changeCloud(): void {
    this.#cloud?.close();
    this.#cloud = this.#ports.openCloud(this);
    if (this.#router.state.kind === "MASTER") this.#cloud?.dispatch({ kind: "mastership-gained" });
    // The cloud that showed why is asked no more, and the new one knows of no hold.
    this.dispatch({ kind: "hold-ended" });
  }

  /** Once for each failover. */
  #reportServing(): void {
    const done = this.#phases.has("announce") && (!this.#cloud || this.#phases.has("verify"));
    if (!done || this.#reportedPhases === this.#phases.run) return;
    this.#reportedPhases = this.#phases.run;
    this.report({ kind: "serving", phases: this.#phases.times });
  }

  /** Mastership may have ended while the addresses were being bound; then nothing is announced. */
  announce(burst: AnnouncementBurst): void {
    if (this.#router.state.kind !== "MASTER") return;
    const { garp } = this.#config;
    this.#announcer.burst(this.keeper.addresses, roundsOf(burst, garp), garp.interval);
    this.#phases.end("announce");
    this.#reportServing();
  }

  #announceSource(): void {
    const { interfaceName, garp } = this.#config;
    this.#announcer.burst([{ address: this.#router.localAddress, interfaceName }], 1, garp.interval);
  }

  #setFaults(faults: readonly Fault[], isOfSort: (fault: Fault) => boolean): void {
    for (const change of faultChanges(this.#router.faults, faults, isOfSort)) this.dispatch(change);
  }

  /** Once. As in keepalived, nobody takes part who does not know yet whether it may. */
  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.dispatch({ kind: "started" });
  }

  #useSource(address: IpAddress): void {
    this.#sender = new AdvertSender(this.#config, address);
    this.receiver.policy = admissionPolicyOf(this.#config, address, this.#ports.network);
    this.dispatch({ kind: "local-address-changed", address });
  }

  /** Tells the outside; what trackers saw is told here too. */
  report(event: InstanceEvent): void {
    this.counters.count(event);
    this.#ports.report(this, event);
  }
}
