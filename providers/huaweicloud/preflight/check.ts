import type { AskedCheck, FixCall } from "../../../src/provider/preflight.ts";
import type { AddressPair, Port } from "../vpc.ts";
import type { Facts } from "./facts.ts";

export type HuaweiCheck = AskedCheck<Facts>;

/**
 * A repair of a port's address pairs. A PUT replaces the whole list, so the port is read again when it is carried out; `wanted`
 * gives the new list, or undefined when there is nothing to change any more.
 */
export function pairsCall(
  { settings }: Facts,
  port: Port,
  wanted: (port: Port) => readonly AddressPair[] | undefined,
): FixCall {
  const { vpc, projectId } = settings;
  const pairs = (wanted(port) ?? []).map(({ ip_address }) => ({ ip_address }));
  return {
    operation: `PUT /v1/${projectId}/ports/${port.id}`,
    parameters: { body: JSON.stringify({ port: { allowed_address_pairs: pairs } }) },
    apply: async (signal) => {
      const list = wanted(await vpc.showPort(port.id, signal));
      if (list) await vpc.updatePort(port.id, { allowed_address_pairs: list }, signal);
    },
  };
}
