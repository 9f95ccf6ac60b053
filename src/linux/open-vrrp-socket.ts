import { isMainThread } from "node:worker_threads";
import { OperatorError } from "../base/errors.ts";
import { openLibcAdapter } from "./libc-adapter.ts";
import { loadRawSocket, openRawSocketAdapter } from "./raw-socket-adapter.ts";
import { refusedSocket } from "./refused-socket.ts";
import type { VrrpSocket, VrrpSocketEvents } from "./vrrp-socket.ts";

export interface VrrpSocketOptions {
  /**
   * By default libc: it hands over and reads many packets with one system call, which the add-on cannot. 1000 instances with
   * 100 ms adverts cost 7.8 % (MASTER) and 3.7 % (BACKUP) of a processor through libc, 9.6 % and 6.4 % through raw-socket; 100
   * instances 1.0 % and 0.9 %, against 1.2 % and 1.7 %.
   */
  readonly adapter?: VrrpSocket["adapter"];
}

/**
 * Opens the agent's VRRP socket in the network namespace of the calling thread.
 *
 * @throws {OperatorError} `linux/no-cap-net-raw`, `linux/socket-refused`, or `linux/no-raw-socket` when the add-on was asked for
 * by name and cannot be loaded
 */
export function openVrrpSocket(events: VrrpSocketEvents, options: VrrpSocketOptions = {}): VrrpSocket {
  const rawSocket = options.adapter === "raw-socket" ? usableRawSocket() : undefined;
  if (options.adapter === "raw-socket" && !rawSocket) throw noRawSocket();
  try {
    return rawSocket ? openRawSocketAdapter(rawSocket, events) : openLibcAdapter(events);
  } catch (error) {
    throw refusedSocket("a raw socket for VRRP (IP protocol 112)", error);
  }
}

/** The add-on watches its socket in the loop of the main thread, whichever thread opens it. */
function usableRawSocket(): ReturnType<typeof loadRawSocket> {
  return isMainThread ? loadRawSocket() : undefined;
}

function noRawSocket(): OperatorError {
  return new OperatorError({
    code: "linux/no-raw-socket",
    message:
      "the raw-socket add-on cannot be loaded here: it was not compiled for this Node, or this is no main thread",
    hint: "install python3, make and g++ and run `npm rebuild raw-socket`, or use the libc adapter, which needs no compiler",
  });
}
