import { type Millis, millis } from "../base/units.ts";
import { closeSocket, errnoName, openSocket, SOCK_DGRAM, sendTo } from "./libc.ts";
import { AF_UNIX, unixAddress } from "./socket-address.ts";

/** What systemd is told, in the words of sd_notify(3). */
interface ServiceState {
  readonly ready?: true;
  readonly reloading?: true;
  readonly stopping?: true;
  /** The sign of life that `WatchdogSec=` asks for. */
  readonly watchdog?: true;
  /** One line that `systemctl status` shows. */
  readonly status?: string;
}

export interface SystemdNotifier {
  /** So often a sign of life is expected, half of `WatchdogSec=`; undefined when the unit has no watchdog. */
  readonly watchdogInterval: Millis | undefined;
  /** Never blocks and never throws; returns the errno's name when systemd could not be told. */
  notify(state: ServiceState): string | undefined;
}

/** sockaddr_un holds 108 bytes of path. */
const PATH_BYTES_MAX = 108;

/**
 * Talks to the service manager that started us (`Type=notify`), or undefined when none did. Node has no UNIX datagrams, so it
 * goes through libc; the socket is opened for each message, as these are rare.
 */
export function systemdNotifier(environment: NodeJS.ProcessEnv): SystemdNotifier | undefined {
  const path = environment["NOTIFY_SOCKET"];
  if (!path || !/^[/@]/.test(path) || Buffer.byteLength(path) >= PATH_BYTES_MAX) return undefined;
  const address = unixAddress(path);
  return {
    watchdogInterval: watchdogInterval(environment),
    notify: (state) => sendDatagram(address, Buffer.from(encodeState(state))),
  };
}

function encodeState({ ready, reloading, stopping, watchdog, status }: ServiceState): string {
  const lines: string[] = [];
  if (ready) lines.push("READY=1");
  // Type=notify-reload compares this clock with its own to tell this reload from the last.
  if (reloading) lines.push("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  if (stopping) lines.push("STOPPING=1");
  if (watchdog) lines.push("WATCHDOG=1");
  if (status !== undefined) lines.push(`STATUS=${status.replaceAll("\n", " ")}`);
  return lines.join("\n");
}

function watchdogInterval(environment: NodeJS.ProcessEnv): Millis | undefined {
  const microseconds = Number(environment["WATCHDOG_USEC"]);
  const pid = environment["WATCHDOG_PID"];
  if (!(microseconds > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
  return millis(microseconds / 2000);
}

function sendDatagram(address: Uint8Array, data: Uint8Array): string | undefined {
  const fd = openSocket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return errnoName(fd);
  const sent = sendTo(fd, data, address);
  closeSocket(fd);
  return sent < 0 ? errnoName(sent) : undefined;
}
