import { closeSocket, errnoName, receive, watchReadable } from "./libc.ts";

export interface DatagramReader {
  /** Reads what is queued now, without waiting for the event loop to notice. */
  drain(): void;
  /** Closes the socket too; nothing is delivered any more. */
  close(): void;
}

export interface DatagramHandling {
  /** A longer datagram is cut. */
  readonly bytesMax: number;
  /** The buffer is reused by the next datagram. */
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** Reading failed with the errno of that name. */
  readonly onError: (code: string) => void;
}

/** What one turn of the loop reads, so that timers run in a flood too; the rest waits for the next turn. */
export const DATAGRAMS_PER_TURN = 64;
/** More than a receive buffer holds, so that a flood cannot keep the loop for itself. */
export const DRAIN_DATAGRAMS_MAX = 4096;

/** Nothing else keeps a reader alive whose owner only listens, and a collected one goes silent. */
export const openReaders = new Set<DatagramReader>();

/** Reads a non-blocking socket from Node's event loop. */
export function readDatagrams(fd: number, handling: DatagramHandling): DatagramReader {
  const buffer = new Uint8Array(handling.bytesMax);
  const reader: DatagramReader = {
    drain: () => read(DRAIN_DATAGRAMS_MAX),
    close() {
      if (!openReaders.delete(reader)) return;
      watch.close();
      closeSocket(fd);
    },
  };

  function read(datagramsMax: number): void {
    for (let count = 0; count < datagramsMax && openReaders.has(reader); count++) {
      const length = receive(fd, buffer);
      if (length >= 0) {
        handling.onDatagram(buffer.subarray(0, length));
        continue;
      }
      const code = errnoName(length);
      if (code !== "EAGAIN") handling.onError(code);
      return;
    }
  }

  const watch = watchReadable(fd, () => read(DATAGRAMS_PER_TURN));
  openReaders.add(reader);
  return reader;
}
