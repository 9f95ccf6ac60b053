import type { Millis } from "../../base/units.ts";
import type { Fact, NodeName, OwnerName } from "./facts.ts";

/** Where the demo plays: real processes in network namespaces, or a simulated network. */
export interface Stage {
  /** Undefined where gratuitous ARP alone moves the address. */
  readonly cloud: StageCloud | undefined;
  /** Milliseconds since the demo began. */
  now(): Millis;
  start(node: NodeName): Promise<void>;
  /** The client pings the virtual address from now on. */
  startClient(): Promise<void>;
  /** Nothing from or to the node passes any more, and no link shows it. Resolves with the time it took effect. */
  cut(node: NodeName): Promise<Millis>;
  heal(node: NodeName): Promise<Millis>;
  /** Tells the agent to stop, as a service manager would. Resolves with the time it was told. */
  stop(node: NodeName): Promise<Millis>;
  /**
   * Lets time pass until `condition` holds, at most `atMost`. Facts are told meanwhile.
   *
   * @returns whether the condition held in time
   */
  pass(atMost: Millis, condition: () => boolean): Promise<boolean>;
  /** Removes everything that the stage made. */
  close(): Promise<void>;
}

export interface StageCloud {
  readonly listens: boolean;
  /** Somebody gives the address to another server by hand. */
  give(to: OwnerName): void;
}

export interface StageOptions {
  readonly advertInterval: Millis;
  readonly pingInterval: Millis;
  readonly onFact: (fact: Fact) => void;
  /** Ends the waiting; `pass` rejects then. */
  readonly signal: AbortSignal;
}
