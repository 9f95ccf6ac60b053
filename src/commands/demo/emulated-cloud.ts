/** The cloud of the demo: an emulated AWS, a program of its own on a machine that all others reach. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatPrefix, ipToBytes } from "../../base/ip.ts";
import type { Child } from "./child.ts";
import {
  BYSTANDER,
  CLOUD_ADDRESS,
  NODE_NAMES,
  NODES,
  type NodeName,
  type OwnerName,
  PREFIX_LENGTH,
  VIRTUAL_ADDRESS,
} from "./facts.ts";

/** What the program is told, as its argument. */
export interface CloudSpec {
  readonly host: string;
  readonly subnet: string;
  readonly virtualAddress: string;
  readonly servers: readonly { readonly name: OwnerName; readonly address: string; readonly mac: string }[];
}

/** What it tells, one JSON object a line. Times are milliseconds since 1970. */
export type CloudLine =
  | {
      readonly kind: "listening";
      readonly endpoint: string;
      readonly metadata: { readonly [Name in OwnerName]?: string };
    }
  | { readonly kind: "owner"; readonly owner: OwnerName; readonly at: number };

/** Where an agent finds its cloud. */
export interface CloudEndpoints {
  readonly endpoint: string;
  readonly metadataEndpoint: string;
}

/** The program beside this one; undefined where it was not built or installed. */
export function emulatedCloudFile(): string | undefined {
  const file = fileURLToPath(new URL("demo-cloud.js", import.meta.url));
  return existsSync(file) ? file : undefined;
}

/** The MAC address of a server's interface, which is how an instance finds itself in its cloud. */
export function macOf(name: OwnerName): string {
  const address = name === BYSTANDER.name ? BYSTANDER.address : NODES[name].address;
  return [0x02, 0, ...ipToBytes(address)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

export class EmulatedCloud {
  readonly program: Child;
  #listening: Extract<CloudLine, { kind: "listening" }> | undefined;

  /** `start` runs a program on the cloud's machine. */
  constructor(
    file: string,
    parts: {
      readonly start: (command: readonly string[], onLine: (line: string) => void) => Child;
      readonly onOwner: (owner: OwnerName, atEpoch: number) => void;
    },
  ) {
    this.program = parts.start([file, JSON.stringify(SPEC)], (text) => {
      const line = JSON.parse(text) as CloudLine;
      if (line.kind === "listening") this.#listening = line;
      else parts.onOwner(line.owner, line.at);
    });
  }

  get listens(): boolean {
    return this.#listening !== undefined;
  }

  /** Undefined before the cloud listens. */
  endpointsFor(node: NodeName): CloudEndpoints | undefined {
    const { endpoint, metadata } = this.#listening ?? {};
    const metadataEndpoint = metadata?.[node];
    return endpoint && metadataEndpoint ? { endpoint, metadataEndpoint } : undefined;
  }

  /** Somebody gives the address to another server by hand. */
  give(to: OwnerName): void {
    this.program.tell(to);
  }
}

const SPEC: CloudSpec = {
  host: CLOUD_ADDRESS,
  subnet: formatPrefix({ address: CLOUD_ADDRESS, prefixLength: PREFIX_LENGTH }),
  virtualAddress: VIRTUAL_ADDRESS,
  servers: [
    ...NODE_NAMES.map((name) => ({ name, address: NODES[name].address, mac: macOf(name) })),
    { ...BYSTANDER, mac: macOf(BYSTANDER.name) },
  ],
};
