import { invariant } from "../../base/invariant.ts";
import { formatPrefix } from "../../base/ip.ts";
import { type Millis, toSeconds } from "../../base/units.ts";
import { checkDocument } from "../../config/check-document.ts";
import { resolveConfig } from "../../config/resolve.ts";
import type { RouterSettings } from "../../vrrp/settings.ts";
import { NODE_NAMES, NODES, type NodeName, PREFIX_LENGTH, VIRTUAL_ADDRESS } from "./facts.ts";

/** One agent's configuration, as its file has it. */
export function agentDocument(name: NodeName, advertInterval: Millis): Readonly<Record<string, unknown>> {
  return {
    global_defs: { router_id: name },
    vrrp_instance: {
      demo: {
        interface: "eth0",
        virtual_router_id: 51,
        priority: NODES[name].priority,
        advert_int: toSeconds(advertInterval),
        unicast_src_ip: NODES[name].address,
        unicast_peer: NODE_NAMES.filter((other) => other !== name).map((other) => NODES[other].address),
        virtual_ipaddress: [formatPrefix({ address: VIRTUAL_ADDRESS, prefixLength: PREFIX_LENGTH })],
      },
    },
  };
}

/** What the election makes of that configuration. */
export function routerSettings(name: NodeName, advertInterval: Millis): RouterSettings {
  const { document } = checkDocument(agentDocument(name, advertInterval));
  invariant(document !== undefined, "the demo's own configuration is right");
  const { instances } = resolveConfig(document, { hostName: name, passwords: new Map() });
  invariant(instances[0] !== undefined, "the demo has an instance");
  return instances[0].router;
}
