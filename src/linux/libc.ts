/**
 * The one door to libc, through koffi, for what Node's own sockets cannot do: raw IP, AF_PACKET, and UNIX datagrams. Every call
 * here is non-blocking or returns at once. Like the kernel itself, a call answers a result or a negative errno; exceptions
 * would cost too much on the path of each advert, and most failures here are news for the operator and no bugs.
 *
 * koffi is loaded at the first call, so that commands which open no socket start without it.
 */
import { createRequire } from "node:module";
import { getSystemErrorMap, getSystemErrorName } from "node:util";
import { invariant } from "../base/invariant.ts";

export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
const SOL_SOCKET = 1;
export const IPPROTO_IP = 0;
export const IP_HDRINCL = 3;

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const SO_PROTOCOL = 38;
const SO_ATTACH_FILTER = 26;
/** `sizeof (struct sock_fprog)` where pointers have 8 bytes, as on all machines that Node 20 and koffi support. */
const FILTER_PROGRAM_BYTES = 16;
const IF_NAMESIZE = 16;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const FD_CLOEXEC = 1;
export const MADV_DONTNEED = 4;
export const MLOCK_ONFAULT = 1;
const SIOCGSTAMPNS = 0x8907;

/** A result, or minus an errno. */
type Answer = number;

/** `struct sock_fprog` */
interface FilterProgram {
  readonly length: number;
  readonly filter: Uint8Array;
}

interface Calls {
  readonly socket: (domain: number, type: number, protocol: number) => Answer;
  readonly sendto: (
    fd: number,
    data: Uint8Array,
    size: number,
    flags: number,
    to: Uint8Array,
    toSize: number,
  ) => Answer;
  readonly recv: (fd: number, buffer: Uint8Array, size: number, flags: number) => Answer;
  readonly recvfrom: (
    fd: number,
    buffer: Uint8Array,
    size: number,
    flags: number,
    from: Uint8Array,
    fromSize: Uint8Array,
  ) => Answer;
  readonly recvmmsg: (
    fd: number,
    messages: Uint8Array,
    count: number,
    flags: number,
    timeout: null,
  ) => Answer;
  readonly sendmmsg: (fd: number, messages: Uint8Array, count: number, flags: number) => Answer;
  readonly bind: (fd: number, address: Uint8Array, size: number) => Answer;
  readonly attachFilter: (
    fd: number,
    level: number,
    option: number,
    program: FilterProgram,
    size: number,
  ) => Answer;
  readonly if_nametoindex: (name: string) => number;
  readonly if_indextoname: (index: number, name: Uint8Array) => string | null;
  readonly setsockopt: (fd: number, level: number, option: number, value: Uint8Array, size: number) => Answer;
  readonly getsockopt: (
    fd: number,
    level: number,
    option: number,
    value: Uint8Array,
    size: Uint8Array,
  ) => Answer;
  /** C passes a variadic argument without a type, so koffi wants it said. */
  readonly fcntl: (fd: number, command: number, type: "int", argument: number) => Answer;
  readonly ioctl: (fd: number, request: number, type: "void *", argument: Uint8Array) => Answer;
  readonly close: (fd: number) => Answer;
  readonly sched_setscheduler: (pid: number, policy: number, parameters: Uint8Array) => Answer;
  readonly madvise: (address: number, bytes: number, advice: number) => Answer;
  readonly mlock2: (address: number, bytes: number, flags: number) => Answer;
  readonly strerror: (errno: number) => string;
}

/** Opens a socket that never blocks and that the scripts we start do not inherit. */
export function openSocket(domain: number, type: number, protocol: number): Answer {
  return calls().socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/** Sends one datagram to a `struct sockaddr`. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): Answer {
  return calls().sendto(fd, data, data.length, 0, address, address.length);
}

/** Reads one datagram into `buffer`; `-EAGAIN` when none is queued. */
export function receive(fd: number, buffer: Uint8Array): Answer {
  return calls().recv(fd, buffer, buffer.length, 0);
}

/** As {@link receive}, with the sender's `struct sockaddr` written into `address`. */
export function receiveFrom(fd: number, buffer: Uint8Array, address: Uint8Array): Answer {
  return calls().recvfrom(fd, buffer, buffer.length, 0, address, nativeInt(address.length));
}

/**
 * Reads up to `count` datagrams into `messages`, a `struct mmsghdr[]`; answers how many, `-EAGAIN` when none is queued. The memory
 * that the headers point to must be kept by the caller.
 */
export function receiveMany(fd: number, messages: Uint8Array, count: number): Answer {
  return calls().recvmmsg(fd, messages, count, 0, null);
}

/** Sends the first `count` of `messages`, a `struct mmsghdr[]`; answers how many went before one failed, or the first's error. */
export function sendMany(fd: number, messages: Uint8Array, count: number): Answer {
  return calls().sendmmsg(fd, messages, count, 0);
}

/** Where `bytes` lie in memory. Ask only for what has an ArrayBuffer of its own: V8 moves small arrays that have none. */
export function addressOf(bytes: Uint8Array): bigint {
  return loadKoffi().address(bytes);
}

/** Binds a socket to a `struct sockaddr`. */
export function bindSocket(fd: number, address: Uint8Array): Answer {
  return calls().bind(fd, address, address.length);
}

/** Lets the kernel drop what a classic BPF program (`struct sock_filter[]`, 8 bytes an instruction) does not pass. */
export function attachFilter(fd: number, filter: Uint8Array): Answer {
  const program: FilterProgram = { length: filter.length / 8, filter };
  return calls().attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, FILTER_PROGRAM_BYTES);
}

/** The kernel's number of an interface in this thread's network namespace; undefined when there is none of that name. */
export function interfaceIndex(name: string): number | undefined {
  return calls().if_nametoindex(name) || undefined;
}

/** The name of an interface in this thread's network namespace; null when there is none of that number. */
export function interfaceName(index: number): string | null {
  return calls().if_indextoname(index, new Uint8Array(IF_NAMESIZE));
}

export function setSocketOption(fd: number, level: number, option: number, value: number): Answer {
  return calls().setsockopt(fd, level, option, nativeInt(value), 4);
}

/** Asks for a receive buffer of so many bytes, of which the kernel gives what net.core.rmem_max allows unless we are privileged. */
export function setReceiveBuffer(fd: number, bytes: number): void {
  const forced = setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  if (forced < 0) setSocketOption(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

/** As {@link setReceiveBuffer}, with net.core.wmem_max. */
export function setSendBuffer(fd: number, bytes: number): void {
  const forced = setSocketOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes);
  if (forced < 0) setSocketOption(fd, SOL_SOCKET, SO_SNDBUF, bytes);
}

/** The IP protocol that a socket was opened for; an error when `fd` is no socket. */
export function protocolOf(fd: number): Answer {
  const value = nativeInt(0);
  const answer = calls().getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, value, nativeInt(4));
  return answer < 0 ? answer : (new Int32Array(value.buffer)[0] ?? 0);
}

export function setCloseOnExec(fd: number): Answer {
  return calls().fcntl(fd, F_SETFD, "int", FD_CLOEXEC);
}

/**
 * When the kernel received the packet that was read last, in whole microseconds since 1970. It keeps such times for a socket
 * from the first call on, which therefore knows none.
 */
export function arrivalOf(fd: number): number | undefined {
  const time = new BigInt64Array(2);
  if (calls().ioctl(fd, SIOCGSTAMPNS, "void *", new Uint8Array(time.buffer)) < 0) return undefined;
  const [seconds = 0n, nanoseconds = 0n] = time;
  return Number(seconds) * 1_000_000 + Math.floor(Number(nanoseconds) / 1000);
}

/** Lets writes to a pipe or socket fail with EAGAIN where they would wait. */
export function setNonBlocking(fd: number): Answer {
  const flags = calls().fcntl(fd, F_GETFL, "int", 0);
  return flags < 0 ? flags : calls().fcntl(fd, F_SETFL, "int", flags | SOCK_NONBLOCK);
}

export function closeSocket(fd: number): Answer {
  return calls().close(fd);
}

/** Gives this thread the real-time policy SCHED_RR; what it makes begins with the ordinary one. */
export function setRoundRobin(priority: number): Answer {
  // On Linux, 0 is the calling thread and not its process.
  return calls().sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, nativeInt(priority));
}

/** Gives this thread the ordinary policy SCHED_OTHER again. */
export function setOrdinary(): Answer {
  // Without privileges the flag can be set, but not taken back.
  return calls().sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, nativeInt(0));
}

/** madvise(2) for a range of this process's memory. Dropping a range that was written to loses what was written. */
export function adviseMemory(address: number, bytes: number, advice: number): Answer {
  return calls().madvise(address, bytes, advice);
}

/** mlock2(2) for a range of this process's memory. */
export function lockMemory(address: number, bytes: number, flags: number): Answer {
  return calls().mlock2(address, bytes, flags);
}

/** A descriptor in the event loop. */
export interface ReadableWatch {
  /** Nothing is reported until `resume`, which reports at once what is there by then. */
  pause(): void;
  resume(): void;
  /** Call it before the socket is closed. */
  close(): void;
}

/**
 * Calls `onReadable` from the event loop's poll phase while `fd` has something to read, or an error to report. Whoever drops the
 * returned watch ends it as well, at the next garbage collection: keep it.
 */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  let watching = true;
  const onEvent = (status: unknown): void => {
    onReadable();
    // libuv gives up a socket that has an error pending; reading it took the error away, so the watch goes on.
    if (status !== 0 && watching) handle.start(READABLE, onEvent);
  };
  const handle = loadKoffi().node.poll(fd, READABLE, onEvent);
  return {
    pause() {
      watching = false;
      handle.stop();
    },
    resume() {
      watching = true;
      handle.start(READABLE, onEvent);
    },
    close() {
      watching = false;
      handle.close();
    },
  };
}

const READABLE = { readable: true } as const;

/** The name of an errno in a negative answer, such as `EPERM`. */
export function errnoName(answer: Answer): string {
  invariant(answer < 0, "only a failed call has an errno");
  return getSystemErrorName(answer);
}

/** The errno's name for libc's text of it, such as `EPERM` for "Operation not permitted"; undefined for other texts. */
export function errnoNameOfText(text: string): string | undefined {
  namesOfTexts ??= new Map(
    [...getSystemErrorMap()].map(([negated, [name]]) => [calls().strerror(-negated), name]),
  );
  return namesOfTexts.get(text);
}

let namesOfTexts: Map<string, string> | undefined;

/** A system call that was refused. `code` is the errno's name, as in Node's own errors. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(what: string, code: string) {
    super(`${what}: ${code}`);
    this.code = code;
  }
}

type Koffi = typeof import("koffi");

let loaded: { readonly koffi: Koffi; readonly calls: Calls } | undefined;

function loadKoffi(): Koffi {
  return load().koffi;
}

function calls(): Calls {
  return load().calls;
}

function load(): { readonly koffi: Koffi; readonly calls: Calls } {
  if (!loaded) {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    loaded = { koffi, calls: bindCalls(koffi) };
  }
  return loaded;
}

function bindCalls(koffi: Koffi): Calls {
  // Node itself is linked with libc, whichever it is and wherever it lies: null looks the names up there.
  const library = koffi.load(null);
  const answering = <Arguments extends readonly unknown[]>(call: (...values: Arguments) => number) => {
    return (...values: Arguments): Answer => {
      const result = call(...values);
      return result >= 0 ? result : -koffi.errno();
    };
  };
  const bind = <Arguments extends readonly unknown[]>(prototype: string) =>
    answering(library.func(prototype) as (...values: Arguments) => number);
  const filterProgram = koffi.pointer(koffi.struct({ length: "uint16_t", filter: "void *" }));
  return {
    socket: bind("int socket(int, int, int)"),
    sendto: bind("long sendto(int, const void *, size_t, int, const void *, uint32_t)"),
    recv: bind("long recv(int, void *, size_t, int)"),
    recvfrom: bind("long recvfrom(int, void *, size_t, int, void *, void *)"),
    recvmmsg: bind("int recvmmsg(int, void *, uint32_t, int, void *)"),
    sendmmsg: bind("int sendmmsg(int, void *, uint32_t, int)"),
    bind: bind("int bind(int, const void *, uint32_t)"),
    attachFilter: answering(
      library.func("setsockopt", "int", [
        "int",
        "int",
        "int",
        filterProgram,
        "uint32_t",
      ]) as Calls["attachFilter"],
    ),
    if_nametoindex: library.func("uint32_t if_nametoindex(const char *)") as Calls["if_nametoindex"],
    if_indextoname: library.func("const char *if_indextoname(uint32_t, void *)") as Calls["if_indextoname"],
    setsockopt: bind("int setsockopt(int, int, int, const void *, uint32_t)"),
    getsockopt: bind("int getsockopt(int, int, int, void *, void *)"),
    fcntl: bind("int fcntl(int, int, ...)"),
    ioctl: bind("int ioctl(int, unsigned long, ...)"),
    close: bind("int close(int)"),
    sched_setscheduler: bind("int sched_setscheduler(int, int, const void *)"),
    madvise: bind("int madvise(uintptr_t, size_t, int)"),
    mlock2: bind("int mlock2(uintptr_t, size_t, unsigned int)"),
    strerror: library.func("const char *strerror(int)") as Calls["strerror"],
  };
}

/** A C `int` in the machine's byte order. */
function nativeInt(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
