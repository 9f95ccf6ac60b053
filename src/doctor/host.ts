import type { FirewallListing, RunCommand } from "../linux/firewall-rules.ts";
import type { AddressEntry, Link } from "../linux/network.ts";
import type { WireRequest, WireView } from "./wire/wire-view.ts";

/** The host as doctor sees it; a test brings its own. */
export interface DoctorHost {
  /** Without, some things are not visible, and none can be changed. */
  readonly isRoot: boolean;
  network(): Promise<NetworkView>;
  firewall(): Promise<FirewallListing>;
  /** The interface and the source address by which the kernel would send to an address; undefined without a route. */
  routeTo(address: string): Promise<RouteView | undefined>;
  /** Undefined when there is no such file, or it may not be read. */
  readText(path: string): string | undefined;
  /** The names in a directory; none when there is no such directory. */
  list(path: string): readonly string[];
  /** Undefined when there is no such file. */
  ownership(path: string): { readonly uid: number; readonly mode: number } | undefined;
  /** Those in this network namespace. */
  processes(): readonly ProcessView[];
  /** Opens and closes the sockets of an agent. @throws {OperatorError} */
  tryVrrpSocket(): void;
  tryPacketSocket(): void;
  /** Watches the clocks of this process for a while; one watch serves all who ask. */
  watchClocks(): Promise<ClockView>;
  /** Listens to VRRP for a while and asks the peers' agents. */
  watchWire(request: WireRequest): Promise<WireView>;
  readonly run: RunCommand;
}

export interface NetworkView {
  readonly links: readonly Link[];
  /** In the kernel's order. */
  readonly addresses: readonly AddressEntry[];
}

export interface RouteView {
  readonly interfaceName: string;
  /** The next router, where the address is not on the link itself. */
  readonly gateway: string | undefined;
}

export interface ProcessView {
  readonly pid: number;
  /** The program's name, at most 15 characters. */
  readonly name: string;
  readonly commandLine: readonly string[];
}

export interface ClockView {
  readonly watchedMs: number;
  /** How late the latest of many timers fired. */
  readonly worstLatenessMs: number;
  /** By how much the time of day moved against the monotonic clock. */
  readonly stepMs: number;
}
