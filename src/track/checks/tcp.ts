import { connect } from "node:net";
import type { Check, Finding } from "../check.ts";
import { lookup } from "../lookup.ts";
import type { TimeLimit } from "../time-limit.ts";

/** A connection that can be opened is a success; it is closed again at once, and nothing is sent. */
export class TcpCheck implements Check {
  readonly #host: string;
  readonly #port: number;

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#host = host;
    this.#port = port;
  }

  run(limit: TimeLimit): Promise<Finding> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.#host, port: this.#port, lookup, autoSelectFamily: false });
      const end = (finding: Finding) => {
        socket.destroy();
        resolve(finding);
      };
      socket.once("connect", () => end({ ok: true, detail: "connected" }));
      socket.once("error", (error) => end({ ok: false, detail: error.message }));
      limit.onEnd(() => socket.destroy());
    });
  }
}
