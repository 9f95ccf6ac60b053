import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type IpAddress, ipToBytes, parseIp } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { openVrrpSocket } from "../../src/linux/open-vrrp-socket.ts";
import type { VrrpSocket, VrrpSocketEvents } from "../../src/linux/vrrp-socket.ts";
import { TOOL_ENVIRONMENT } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";
import { requires } from "../setup/requires.ts";
import { makePair, type Namespace, type Pair, requireAdapter, requireNamespaces } from "./in-namespace.ts";

const LEFT = ip("10.9.0.1");
const RIGHT = ip("10.9.0.2");

interface End {
  readonly socket: VrrpSocket;
  readonly packets: Uint8Array[];
  readonly sendErrors: { code: string; destination: IpAddress }[];
  readonly errors: Error[];
}

const adapters = ["raw-socket", "libc"] as const;

describe.each(adapters)("the VRRP socket through %s", (adapter) => {
  let pair: Pair;
  let ends: End[] = [];

  beforeEach(async (context) => {
    requireNamespaces(context);
    requireAdapter(adapter, context);
    pair = await makePair();
    ends = [];
  });

  afterEach(() => {
    for (const end of ends) end.socket.close();
    pair?.close();
  });

  function open(namespace: Namespace, onPacket?: VrrpSocketEvents["onPacket"]): End {
    const heard: Omit<End, "socket"> = { packets: [], sendErrors: [], errors: [] };
    const events: VrrpSocketEvents = {
      onPacket: onPacket ?? ((packet) => heard.packets.push(Uint8Array.from(packet))),
      onSendError: (error, destination) => heard.sendErrors.push({ code: codeOf(error), destination }),
      onError: (error) => heard.errors.push(error),
    };
    const end = { ...heard, socket: namespace.run(() => openVrrpSocket(events, { adapter })) };
    ends.push(end);
    return end;
  }

  test("says which adapter it is", () => {
    expect(open(pair.left).socket.adapter).toBe(adapter);
  });

  test("delivers a packet with the header that the sender wrote, in both directions", async () => {
    const left = open(pair.left);
    const right = open(pair.right);

    left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [0x31, 51, 100, 0, 1] }), RIGHT);
    right.socket.send(packet({ source: RIGHT, destination: LEFT, payload: [0x31, 51, 90, 0, 1] }), LEFT);

    await waitFor(() => left.packets.length > 0 && right.packets.length > 0, { what: "one packet each way" });
    const [received] = right.packets;
    expect(received).toHaveLength(25);
    expect(received?.subarray(0, 4)).toEqual(Uint8Array.of(0x45, 0xc0, 0, 25));
    expect(received?.subarray(4, 10)).toEqual(Uint8Array.of(0x12, 0x34, 0, 0, 255, 112));
    expect(received?.subarray(12, 20)).toEqual(Uint8Array.of(10, 9, 0, 1, 10, 9, 0, 2));
    expect(received?.subarray(20)).toEqual(Uint8Array.of(0x31, 51, 100, 0, 1));
    expect(left.packets[0]?.subarray(12, 16)).toEqual(ipToBytes(RIGHT));
  });

  test("lets the kernel fill in the header checksum", async () => {
    const left = open(pair.left);
    const right = open(pair.right);

    left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);

    await waitFor(() => right.packets.length > 0, { what: "the packet" });
    expect(onesComplementSum(right.packets[0]?.subarray(0, 20) ?? [])).toBe(0xffff);
  });

  test("sends a part of a larger buffer", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    const bytes = packet({ source: LEFT, destination: RIGHT, payload: [1, 2, 3] });
    const larger = new Uint8Array(100).fill(0xee);
    larger.set(bytes, 40);

    left.socket.send(larger.subarray(40, 40 + bytes.length), RIGHT);

    await waitFor(() => right.packets.length > 0, { what: "the packet" });
    expect(right.packets[0]?.subarray(20)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("hears only protocol 112", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    const other = packet({ source: LEFT, destination: RIGHT, payload: [1] });
    other[9] = 113;

    left.socket.send(other, RIGHT);
    left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [2] }), RIGHT);

    await waitFor(() => right.packets.length > 0, { what: "the VRRP packet" });
    expect(right.packets.map((bytes) => bytes[20])).toEqual([2]);
  });

  test("has handed every packet to the kernel when send returns, so that flushed holds nothing up", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);

    for (let number = 0; number < 50; number++) {
      left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [number] }), RIGHT);
    }
    await left.socket.flushed();
    left.socket.close();
    right.socket.drain();

    expect(right.packets.slice(1).map((bytes) => bytes[20])).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test("keeps the adverts of a long pause, and drains them before drain returns", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);
    for (let number = 0; number < 1000; number++) {
      left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);
    }

    right.socket.drain();

    expect(right.packets).toHaveLength(1001);
    right.socket.drain();
    expect(right.packets).toHaveLength(1001);
    expect(right.errors).toEqual([]);
  });

  test("loses none of 10,000 packets that come in bursts while the loop runs, and keeps their order", async () => {
    const left = open(pair.left);
    const numbers: number[] = [];
    open(pair.right, (bytes) => numbers.push(((bytes[20] ?? 0) << 8) | (bytes[21] ?? 0)));
    left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [0xff, 0xff] }), RIGHT);
    await waitFor(() => numbers.length === 1, { what: "the packet that finds the neighbour" });

    for (let number = 0; number < 10_000; number++) {
      left.socket.send(
        packet({ source: LEFT, destination: RIGHT, payload: [number >> 8, number & 0xff] }),
        RIGHT,
      );
      if (number % 500 === 499)
        await waitFor(() => numbers.length > number - 500, { what: "the burst before" });
    }

    await waitFor(() => numbers.length === 10_001, { what: "10,000 packets", seen: () => numbers.length });
    expect(numbers.slice(1)).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  });

  test("loses none and keeps their order when packets may wait, and delivers the first of a silence at once", async () => {
    const left = open(pair.left);
    const numbers: number[] = [];
    const right = open(pair.right, (bytes) => numbers.push(((bytes[20] ?? 0) << 8) | (bytes[21] ?? 0)));
    right.socket.letWait(millis(5));
    const send = (number: number) =>
      left.socket.send(
        packet({ source: LEFT, destination: RIGHT, payload: [number >> 8, number & 0xff] }),
        RIGHT,
      );
    send(0);
    await waitFor(() => numbers.length === 1, { what: "the packet that finds the neighbour" });

    for (let number = 1; number <= 5_000; number++) {
      send(number);
      if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (number % 500 === 0)
        await waitFor(() => numbers.length > number - 500, { what: "the burst before" });
    }

    await waitFor(() => numbers.length === 5_001, { what: "5,000 packets", seen: () => numbers.length });
    expect(numbers).toEqual(Array.from({ length: 5_001 }, (_, n) => n));
  });

  test("drains what waits", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);
    // So long that only a drain can be what reads.
    right.socket.letWait(millis(60_000));
    const sendSome = () => {
      for (let number = 0; number < 20; number++) {
        left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);
      }
    };
    sendSome();
    right.socket.drain();
    sendSome();
    await new Promise((resolve) => setTimeout(resolve, 20));

    right.socket.drain();

    expect(right.packets).toHaveLength(41);
  });

  test("hands over in order what is sent together, before together returns", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);
    const bytes = packet({ source: LEFT, destination: RIGHT, payload: [0, 0] });

    left.socket.together(() => {
      for (let number = 0; number < 150; number++) {
        // The same buffer each time, and not always of the same length.
        bytes[20] = number;
        const end = number % 3 === 0 ? 21 : 22;
        bytes[3] = end;
        left.socket.send(bytes.subarray(0, end), RIGHT);
      }
    });
    right.socket.drain();

    const received = right.packets.slice(1);
    expect(received.map((one) => one[20])).toEqual(Array.from({ length: 150 }, (_, n) => n));
    expect(received.map(({ length }) => length)).toEqual(
      Array.from({ length: 150 }, (_, n) => (n % 3 === 0 ? 21 : 22)),
    );
  });

  test("hands over what was sent together although the work fails", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);

    const work = () =>
      left.socket.together(() => {
        left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [9] }), RIGHT);
        throw new Error("a bug");
      });

    expect(work).toThrow("a bug");
    right.socket.drain();
    expect(right.packets.at(-1)?.[20]).toBe(9);
  });

  test("sends although packets flood in and are not read yet", async () => {
    const left = open(pair.left);
    const right = open(pair.right);
    await neighbourKnown(left, right);
    for (let number = 0; number < 500; number++) {
      left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);
    }

    right.socket.send(packet({ source: RIGHT, destination: LEFT, payload: [7] }), LEFT);
    left.socket.drain();

    expect(left.packets.map((bytes) => bytes[20])).toEqual([7]);
  });

  test("goes on listening when nobody keeps a reference to it and the garbage is collected", async () => {
    const left = open(pair.left);
    let heard = 0;
    const close = openAndForget(pair.right, () => heard++);

    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);

    await waitFor(() => heard === 1, { what: "the packet after the collection" });
    close();
  });

  /** Keeps nothing of the socket but a weak reference, and what is needed to close it. */
  function openAndForget(namespace: Namespace, onPacket: () => void): () => void {
    const events = { onPacket, onSendError: () => {}, onError: () => {} };
    const socket = new WeakRef(namespace.run(() => openVrrpSocket(events, { adapter })));
    return () => socket.deref()?.close();
  }

  test("delivers nothing after it was closed, not even from within onPacket", async () => {
    const left = open(pair.left);
    const right = open(pair.right, (bytes) => {
      payloads.push(bytes[20]);
      if (bytes[20] === 1) right.socket.close();
    });
    const payloads: unknown[] = [];
    left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [0] }), RIGHT);
    await waitFor(() => payloads.length === 1, { what: "the packet that finds the neighbour" });
    for (const number of [1, 2, 3]) {
      left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: [number] }), RIGHT);
    }

    right.socket.drain();

    expect(payloads).toEqual([0, 1]);
    right.socket.close();
  });

  test("keeps its descriptor from the programs that we start", () => {
    open(pair.left);

    const inherited = execFileSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });

    const inode = pair.left.run(rawSocketInode);
    expect(inode).toMatch(/^\d+$/);
    expect(inherited).not.toContain(`socket:[${inode}]`);
  });

  describe("reports what the kernel refuses to send, with the errno's name and the destination:", () => {
    test.each([
      ["ENETUNREACH", "192.0.2.1", undefined],
      ["EHOSTUNREACH", "198.51.100.1", "route add unreachable 198.51.100.1"],
      ["EACCES", "198.51.100.2", "route add prohibit 198.51.100.2"],
      ["EINVAL", "198.51.100.3", "route add blackhole 198.51.100.3"],
      ["EACCES", "10.9.0.255", undefined],
    ])("%s", (code, destination, route) => {
      if (route) pair.left.ip(route);
      const left = open(pair.left);

      left.socket.send(packet({ source: LEFT, destination: ip(destination) }), ip(destination));

      expect(left.sendErrors).toEqual([{ code, destination }]);
    });

    test("EMSGSIZE for a packet larger than the interface takes", () => {
      const left = open(pair.left);
      left.socket.send(packet({ source: LEFT, destination: RIGHT, payload: new Array(2000).fill(0) }), RIGHT);
      expect(left.sendErrors).toEqual([{ code: "EMSGSIZE", destination: RIGHT }]);
    });

    test("EPERM when a firewall drops what we send", (context) => {
      const rules =
        "add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o ip protocol 112 drop";
      requires("nft")(context);
      pair.left.run(() => execFileSync("nft", [rules], { env: TOOL_ENVIRONMENT }));
      const left = open(pair.left);

      left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);

      expect(left.sendErrors).toEqual([{ code: "EPERM", destination: RIGHT }]);
    });

    test("and each of those that were sent together, but not the others", async () => {
      const left = open(pair.left);
      const right = open(pair.right);
      await neighbourKnown(left, right);
      const nowhere = [ip("192.0.2.1"), ip("192.0.2.2"), ip("192.0.2.3")] as const;

      left.socket.together(() => {
        for (const destination of [nowhere[0], RIGHT, nowhere[1], nowhere[2], RIGHT]) {
          left.socket.send(packet({ source: LEFT, destination }), destination);
        }
      });
      right.socket.drain();

      expect(left.sendErrors).toEqual(nowhere.map((destination) => ({ code: "ENETUNREACH", destination })));
      expect(right.packets).toHaveLength(3);
    });

    test("and goes on sending to others", async () => {
      const left = open(pair.left);
      const right = open(pair.right);

      left.socket.send(packet({ source: LEFT, destination: ip("192.0.2.1") }), ip("192.0.2.1"));
      left.socket.send(packet({ source: LEFT, destination: RIGHT }), RIGHT);

      await waitFor(() => right.packets.length > 0, { what: "the packet to the other peer" });
      expect(left.sendErrors).toHaveLength(1);
    });
  });
});

/** The inode of the only raw socket in the namespace that we are in. */
function rawSocketInode(): string | undefined {
  const [, line = ""] = readFileSync("/proc/thread-self/net/raw", "utf8").split("\n");
  return line.trim().split(/\s+/)[9];
}

/** The first packet waits for ARP; the others then go at once. */
async function neighbourKnown(from: End, to: End): Promise<void> {
  const [source, destination] = [LEFT, RIGHT];
  from.socket.send(packet({ source, destination }), destination);
  await waitFor(() => to.packets.length > 0, { what: "the packet that finds the neighbour" });
}

function packet(facts: {
  source: IpAddress;
  destination: IpAddress;
  payload?: readonly number[];
}): Uint8Array {
  const payload = facts.payload ?? [0x31, 1, 100, 1];
  const length = 20 + payload.length;
  const header = [0x45, 0xc0, length >> 8, length & 0xff, 0x12, 0x34, 0, 0, 255, 112, 0, 0];
  return Uint8Array.from([
    ...header,
    ...ipToBytes(facts.source),
    ...ipToBytes(facts.destination),
    ...payload,
  ]);
}

function onesComplementSum(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2)
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  return (sum & 0xffff) + (sum >> 16);
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}

function ip(text: string): IpAddress {
  return parseIp(text) as IpAddress;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
}
