import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { NotifiedEvent } from "../../src/notify/notification.ts";

/** What is in use in MB, without what only waits for the garbage collector. */
export function heapUsedMb(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** Events of which each is worth telling, as a host makes them whose kernel refuses one address after the other. */
export function addressFailed(n: number): NotifiedEvent {
  return {
    kind: "address-failed",
    doing: "bind",
    address: `10.0.${n >> 8}.${n & 255}/32`,
    interfaceName: "eth0",
    error: "the kernel refused the address: no space left on device",
  };
}
