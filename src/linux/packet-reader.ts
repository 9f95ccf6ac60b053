/**
 * Reads a raw socket from Node's event loop, as a network driver reads its card (NAPI): while little comes, each packet wakes the
 * loop at once; while much comes, the loop looks away from the socket for some milliseconds after it has read it, and then reads
 * everything that has gathered. Ten thousand adverts a second then cost some hundred wake-ups.
 */
import type { Millis } from "../base/units.ts";
import { type DatagramReader, DRAIN_DATAGRAMS_MAX, openReaders } from "./datagram-reader.ts";
import { closeSocket, errnoName, receiveMany, watchReadable } from "./libc.ts";
import { MessageVector } from "./message-vector.ts";

export interface PacketReader extends DatagramReader {
  /** Packets may wait for so long while many come; less than 1 ms means not at all. */
  letWait(delay: Millis): void;
}

export interface PacketHandling {
  /** A longer packet is cut. */
  readonly bytesMax: number;
  /** The buffer is reused. */
  readonly onPacket: (packet: Uint8Array) => void;
  /** Reading failed with the errno of that name. */
  readonly onError: (code: string) => void;
}

/** Packets of one system call. */
const PACKETS_PER_CALL = 64;
/** What one turn of the loop reads, so that timers run in a flood too. */
const PACKETS_PER_TURN = 256;
/** Much is more than so many packets in the time of so many delays, which is 80 a second at delays of 5 ms. */
const LITTLE = 8;
const DELAYS_PER_WINDOW = 20;

export function readPackets(fd: number, handling: PacketHandling): PacketReader {
  const messages = new MessageVector("receive", { capacity: PACKETS_PER_CALL, bytesMax: handling.bytesMax });
  const traffic = new Traffic();
  let delay: Millis | undefined;
  let lookingAway: NodeJS.Timeout | undefined;

  const reader: PacketReader = {
    drain: () => read(DRAIN_DATAGRAMS_MAX),
    letWait(delayMax) {
      const asked = delayMax >= 1 ? delayMax : undefined;
      if (asked === delay) return;
      delay = asked;
      // One that runs ends what it began; the next is another one.
      lookingAway = undefined;
    },
    close() {
      if (!openReaders.delete(reader)) return;
      clearTimeout(lookingAway);
      watch.close();
      closeSocket(fd);
    },
  };

  function read(packetsMax: number): void {
    for (let packets = 0; packets < packetsMax && openReaders.has(reader); packets += PACKETS_PER_CALL) {
      const count = receiveMany(fd, messages.headers, PACKETS_PER_CALL);
      if (count < 0) {
        const code = errnoName(count);
        if (code !== "EAGAIN") handling.onError(code);
        return;
      }
      traffic.count(count);
      for (let index = 0; index < count && openReaders.has(reader); index++) {
        handling.onPacket(messages.received(index));
      }
      if (count < PACKETS_PER_CALL) return;
    }
  }

  function onReadable(): void {
    if (delay === undefined || traffic.isLittle(delay * DELAYS_PER_WINDOW)) read(PACKETS_PER_TURN);
    else lookAway(delay);
  }

  function lookAway(duration: Millis): void {
    watch.pause();
    // The same timer again is cheaper than another one.
    if (lookingAway) lookingAway.refresh();
    else lookingAway = setTimeout(lookAgain, duration);
  }

  function lookAgain(): void {
    read(PACKETS_PER_TURN);
    if (openReaders.has(reader)) watch.resume();
  }

  const watch = watchReadable(fd, onReadable);
  openReaders.add(reader);
  return reader;
}

/** Counts packets in windows of time, to tell from the last one what to expect. */
class Traffic {
  #counted = 0;
  #before = 0;
  #since = performance.now();

  count(packets: number): void {
    this.#counted += packets;
  }

  isLittle(window: number): boolean {
    const elapsed = performance.now() - this.#since;
    if (elapsed >= window) {
      this.#before = elapsed < 2 * window ? this.#counted : 0;
      this.#counted = 0;
      this.#since += elapsed;
    }
    return Math.max(this.#before, this.#counted) <= LITTLE;
  }
}
