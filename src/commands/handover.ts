import { setTimeout as wait } from "node:timers/promises";
import { askAgent, askStatus } from "../status/client.ts";
import type { InstanceSnapshot } from "../status/snapshot.ts";
import { EXIT } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export interface HandoverOptions {
  /** The agent's `control_socket`. */
  readonly socket: string;
  /** Only this instance. */
  readonly instance?: string | undefined;
  readonly out?: Output;
}

const POLL_MS = 50;
/** Longer than an agent waits for a successor that has to ask a cloud first. */
const DEADLINE_MS = 7_000;

/** Gives mastership to a peer without a gap. @returns 0 when every instance was handed over, 1 when one goes on */
export async function handover({ socket, instance, out = process.stdout }: HandoverOptions): Promise<number> {
  const names = await ask("handover", socket, instance);
  const ended = await watch(socket, names, ({ state }) => state !== "MASTER");
  for (const { name, state, reason, master } of ended) {
    const where = master ? ` (MASTER is ${master.address})` : "";
    out.write(
      state === "MASTER" ? `${name}: nobody took over; this node goes on\n` : `${name}: ${reason}${where}\n`,
    );
  }
  return ended.every(({ state }) => state !== "MASTER") ? EXIT.ok : EXIT.failed;
}

/** Takes this node out of the election, or back into it. @returns 0 when every instance has followed */
export async function maintenance(
  { socket, instance, out = process.stdout }: HandoverOptions,
  onOff: "on" | "off",
): Promise<number> {
  const names = await ask(`maintenance-${onOff}`, socket, instance);
  const done = ({ state }: InstanceSnapshot) => (state === "FAULT") === (onOff === "on");
  const ended = await watch(socket, names, done);
  for (const { name, state, reason } of ended) out.write(`${name}: ${state}, ${reason}\n`);
  return ended.every(done) ? EXIT.ok : EXIT.failed;
}

async function ask(command: string, path: string, instance: string | undefined): Promise<readonly string[]> {
  return (await askAgent(command, { path }, instance === undefined ? {} : { instance })) as readonly string[];
}

/** Looks until every named instance satisfies `done`, or the deadline has passed. */
async function watch(
  path: string,
  names: readonly string[],
  done: (instance: InstanceSnapshot) => boolean,
): Promise<readonly InstanceSnapshot[]> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const { instances } = await askStatus({ path });
    const concerned = instances.filter(({ name }) => names.includes(name));
    if (concerned.every(done) || performance.now() > deadline) return concerned;
    await wait(POLL_MS);
  }
}
