import { invariant } from "../../base/invariant.ts";
import { formatPrefix } from "../../base/ip.ts";
import { type Millis, toSeconds } from "../../base/units.ts";
import { checkDocument } from "../../config/check-document.ts";
import { resolveConfig } from "../../config/resolve.ts";
import type { RouterSettings } from "../../vrrp/settings.ts";
import type { CloudEndpoints } from "./emulated-cloud.ts";
import { NODE_NAMES, NODES, type NodeName, PREFIX_LENGTH, VIRTUAL_ADDRESS } from "./facts.ts";

/** How often a MASTER asks the demo's cloud, in seconds: more often than by default, for the patience of those who watch. */
export const VERIFY_INTERVAL = 1;

/** One agent's configuration, as its file has it. */
export function agentDocument(
  name: NodeName,
  advertInterval: Millis,
  cloud?: CloudEndpoints,
): Readonly<Record<string, unknown>> {
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
        ...(cloud && { provider: providerBlock(cloud) }),
      },
    },
  };
}

/** The emulated cloud shows every change at once, so an answer that contradicts a claim need not be doubted for long. */
function providerBlock({ endpoint, metadataEndpoint }: CloudEndpoints): Readonly<Record<string, unknown>> {
  return {
    name: "aws",
    mechanism: "secondary-ip",
    verify_interval: VERIFY_INTERVAL,
    rehearse_interval: VERIFY_INTERVAL,
    consistency_window: 0.2,
    endpoint,
    metadata_endpoint: metadataEndpoint,
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
