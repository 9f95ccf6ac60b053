import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FRR_DIRECTORY } from "../setup/requires.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import type { RunningProcess } from "./process.ts";
import { waitFor } from "./wait-for.ts";

export interface FrrRouter {
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly priority: number;
  readonly advertMs: number;
  /** Without prefix length. */
  readonly vip: string;
}

/**
 * Starts FRR's vrrpd on a host: a third implementation to read adverts from. It speaks multicast only, and binds its
 * addresses to a macvlan interface with the virtual router's MAC address.
 *
 * @returns vrrpd, which logs to its standard output
 */
export async function startFrr(lab: Lab, host: Host, router: FrrRouter): Promise<RunningProcess> {
  const mac = `00:00:5e:00:01:${router.vrid.toString(16).padStart(2, "0")}`;
  const name = `vrrp4-${router.vrid}`;
  await host.ip(
    ..."link add".split(" "),
    name,
    "link",
    "eth0",
    "address",
    mac,
    "type",
    "macvlan",
    "mode",
    "bridge",
  );
  await host.ip("address", "add", `${router.vip}/32`, "dev", name);
  await host.ip("link", "set", "dev", name, "up");

  const directory = join(lab.directory, `frr-${host.name}`);
  mkdirSync(directory);
  // FRR's daemons give up root for a user of their own.
  chmodSync(directory, 0o777);
  const socket = join(directory, "zserv.api");
  startDaemon({ host, directory, socket, program: "zebra", conf: "log stdout\n" });
  await waitFor(() => existsSync(socket), { what: "zebra's socket" });
  return startDaemon({ host, directory, socket, program: "vrrpd", conf: vrrpdConf(router) });
}

function startDaemon(daemon: {
  readonly host: Host;
  readonly directory: string;
  readonly socket: string;
  readonly program: "zebra" | "vrrpd";
  readonly conf: string;
}): RunningProcess {
  const { host, directory, socket, program } = daemon;
  const file = (suffix: string) => join(directory, `${program}${suffix}`);
  writeFileSync(file(".conf"), daemon.conf);
  const places = ["--vty_socket", directory, "-z", socket, "-i", file(".pid"), "-f", file(".conf")];
  return host.spawn([join(FRR_DIRECTORY, program), "-P", "0", ...places]);
}

function vrrpdConf({ vrid, version, priority, advertMs, vip }: FrrRouter): string {
  const lines = [
    `version ${version}`,
    `priority ${priority}`,
    `advertisement-interval ${advertMs}`,
    `ip ${vip}`,
  ];
  return ["log stdout", "interface eth0", ...lines.map((line) => ` vrrp ${vrid} ${line}`), ""].join("\n");
}
