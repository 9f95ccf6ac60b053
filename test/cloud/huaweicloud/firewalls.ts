import { randomUUID } from "node:crypto";
import { ApiError } from "./api-error.ts";
import { type Operation, page } from "./operation.ts";

/** Network ACLs and the address groups that rules may name, to be read only. */
export const firewallOperations: readonly Operation[] = [
  {
    name: "ListFirewall",
    method: "GET",
    path: "/v3/{project_id}/vpc/firewalls",
    family: "v3",
    action: "vpc:firewalls:list",
    handle: (state, call) => {
      const found = page(Object.values(state.firewalls), call.query);
      // The list shows no rules.
      const firewalls = found.map(({ ingress_rules: _, egress_rules: __, ...firewall }) => firewall);
      const page_info = { current_count: firewalls.length };
      return { status: 200, body: { request_id: randomUUID(), firewalls, page_info } };
    },
  },
  {
    name: "ShowFirewall",
    method: "GET",
    path: "/v3/{project_id}/vpc/firewalls/{firewall_id}",
    family: "v3",
    action: "vpc:firewalls:get",
    handle: (state, call) => {
      const firewall = state.firewalls[call.path["firewall_id"] ?? ""];
      if (!firewall) throw new ApiError(404, "VPC.9904", "The firewall could not be found.");
      return { status: 200, body: { request_id: randomUUID(), firewall } };
    },
  },
  {
    name: "ShowAddressGroup",
    method: "GET",
    path: "/v3/{project_id}/vpc/address-groups/{address_group_id}",
    family: "v3",
    action: "vpc:addressGroups:get",
    handle: (state, call) => {
      const address_group = state.addressGroups[call.path["address_group_id"] ?? ""];
      if (!address_group) throw new ApiError(404, "VPC.9904", "The address group could not be found.");
      return { status: 200, body: { request_id: randomUUID(), address_group } };
    },
  },
];
