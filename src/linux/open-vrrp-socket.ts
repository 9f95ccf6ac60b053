import { isMainThread } from "node:worker_threads";
import { OperatorError } from "../base/errors.ts";
import { openLibcAdapter } from "./libc-adapter.ts";
import { loadRawSocket, openRawSocketAdapter } from "./raw-socket-adapter.ts";
import { refusedSocket } from "./refused-socket.ts";
import type { VrrpSocket, VrrpSocketEvents } from "./vrrp-socket.ts";

export interface VrrpSocketOptions {
  /** By default raw-socket, and libc where the add-on cannot be loaded. */
  readonly adapter?: VrrpSocket["adapter"];
}

/**
 * Opens the agent's VRRP socket in the network namespace of the calling thread.
 *
 * @throws {OperatorError} `linux/no-cap-net-raw`, `linux/socket-refused`, or `linux/no-raw-socket` when the add-on was asked for
 * by name and cannot be loaded
 */
export function openVrrpSocket(events: VrrpSocketEvents, options: VrrpSocketOptions = {}): VrrpSocket {
  const rawSocket = options.adapter === "libc" ? undefined : usableRawSocket();
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
