import { randomUUID } from "node:crypto";
import { ApiError } from "./api-error.ts";
import { bodyObject, isRecord, type Operation, page } from "./operation.ts";
import type { CloudState, SecurityGroupRule } from "./wire.ts";

export const securityGroupOperations: readonly Operation[] = [
  {
    name: "ListSecurityGroupRules",
    method: "GET",
    path: "/v1/{project_id}/security-group-rules",
    family: "v1",
    action: "vpc:securityGroupRules:get",
    handle: (state, call) => ({
      status: 200,
      body: { security_group_rules: rules(state, call.query).map(asV1) },
    }),
  },
  {
    name: "ListSecurityGroupRulesV3",
    method: "GET",
    path: "/v3/{project_id}/vpc/security-group-rules",
    family: "v3",
    action: "vpc:securityGroupRules:list",
    handle: (state, call) => {
      const found = rules(state, call.query);
      return {
        status: 200,
        body: {
          request_id: randomUUID(),
          security_group_rules: found,
          page_info: { current_count: found.length },
        },
      };
    },
  },
  {
    name: "CreateSecurityGroupRuleV3",
    method: "POST",
    path: "/v3/{project_id}/vpc/security-group-rules",
    family: "v3",
    action: "vpc:securityGroupRules:create",
    handle: (state, call) => {
      const rule = newRule(state, bodyObject(call, "security_group_rule"));
      // A dry run that would have succeeded is answered with 202 and changes nothing.
      if (isRecord(call.body) && call.body["dry_run"] === true) {
        return { status: 202, body: { error_code: "", error_msg: "", request_id: randomUUID() } };
      }
      const securityGroupRules = { ...state.securityGroupRules, [rule.id]: rule };
      return {
        status: 201,
        body: { request_id: randomUUID(), security_group_rule: rule },
        state: { ...state, securityGroupRules },
      };
    },
  },
  {
    name: "ListSecurityGroups",
    method: "GET",
    path: "/v1/{project_id}/security-groups",
    family: "v1",
    action: "vpc:securityGroups:get",
    handle: (state, call) => ({
      status: 200,
      body: { security_groups: page(Object.values(state.securityGroups), call.query) },
    }),
  },
];

function rules(state: CloudState, query: URLSearchParams): readonly SecurityGroupRule[] {
  const groups = query.getAll("security_group_id");
  const equal = ["direction", "protocol"] as const;
  const matching = Object.values(state.securityGroupRules).filter((rule) => {
    const inGroups = groups.length === 0 || groups.includes(rule.security_group_id);
    return inGroups && equal.every((field) => !query.has(field) || query.get(field) === rule[field]);
  });
  return page(matching, query);
}

/** v1 shows neither `deny` nor the priority, which is why a checker has to ask v3. */
function asV1({ action: _, priority: __, multiport: ___, ...rule }: SecurityGroupRule): unknown {
  return { ...rule, port_range_min: null, port_range_max: null };
}

function newRule(state: CloudState, wanted: Readonly<Record<string, unknown>>): SecurityGroupRule {
  const text = (field: string) => (typeof wanted[field] === "string" ? wanted[field] : null);
  const group = text("security_group_id") ?? "";
  if (!state.securityGroups[group]) {
    throw new ApiError(404, "VPC.9904", `The security group ${group} could not be found.`);
  }
  return {
    id: randomUUID(),
    security_group_id: group,
    direction: text("direction") === "egress" ? "egress" : "ingress",
    ethertype: text("ethertype") === "IPv6" ? "IPv6" : "IPv4",
    protocol: text("protocol"),
    multiport: text("multiport"),
    remote_ip_prefix: text("remote_ip_prefix"),
    remote_group_id: text("remote_group_id"),
    remote_address_group_id: text("remote_address_group_id"),
    action: text("action") === "deny" ? "deny" : "allow",
    priority: typeof wanted["priority"] === "number" ? wanted["priority"] : 1,
  };
}
