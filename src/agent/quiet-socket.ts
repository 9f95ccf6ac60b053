import type { VrrpSocket } from "../linux/vrrp-socket.ts";

/** `raw-socket` delivers one packet a turn of the loop; a queue longer than this is a flood, and waiting for its end a trap. */
const TURNS_MAX = 20_000;
/** From a timer, the first turn may end before the sockets were polled; after two without a packet the queue is empty. */
const QUIET_TURNS = 2;

/**
 * Resolves when the packets that were queued are read. After a pause Node runs timers before it reads sockets, so a healthy
 * BACKUP would promote itself with twenty fresh adverts waiting: whoever acts on silence must have listened first.
 */
export async function quiet(socket: VrrpSocket, packetsSeen: () => number): Promise<void> {
  socket.drain?.();
  let quietTurns = 0;
  for (let turn = 0; turn < TURNS_MAX && quietTurns < QUIET_TURNS; turn++) {
    const before = packetsSeen();
    await new Promise((resolve) => setImmediate(resolve));
    quietTurns = packetsSeen() === before ? quietTurns + 1 : 0;
  }
}
