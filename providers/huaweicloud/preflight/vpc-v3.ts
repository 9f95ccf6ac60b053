/** The calls that only a preflight makes: rules of security groups, address groups, network ACLs. */
import type { HttpRequestOptions } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import * as z from "zod";
import { ProviderError } from "../../../src/provider/errors.ts";
import { listOf, optionalText, type Vpc } from "../vpc.ts";

export type SecurityGroupRule = z.output<typeof ruleSchema>;
export type Firewall = z.output<typeof firewallSchema>;
export type FirewallRule = z.output<typeof firewallRuleSchema>;

/** A rule as it is added; the rest is the service's default: allow, priority 1. */
export interface NewRule {
  readonly security_group_id: string;
  readonly direction: "ingress" | "egress";
  readonly ethertype: "IPv4";
  readonly protocol: string;
  readonly remote_ip_prefix: string;
}

export class VpcV3 {
  readonly #vpc: Vpc;
  readonly #signal: AbortSignal;

  constructor(vpc: Vpc, signal: AbortSignal) {
    this.#vpc = vpc;
    this.#signal = signal;
  }

  /**
   * The rules of one group. A cloud that has no v3 is asked in v1, whose rules only allow.
   *
   * @throws {ProviderError}
   */
  async rulesOf(group: string): Promise<readonly SecurityGroupRule[]> {
    const query = { security_group_id: group };
    try {
      return await this.#pages(
        "vpc:securityGroupRules:list",
        "/v3/{project_id}/vpc/security-group-rules",
        query,
      );
    } catch (error) {
      if (!(error instanceof ProviderError) || error.facts.kind !== "not-found") throw error;
    }
    const schema = z.object({ security_group_rules: listOf(ruleSchema) });
    const path = "/v1/{project_id}/security-group-rules";
    return (await this.#get("vpc:securityGroupRules:get", path, schema, query)).security_group_rules;
  }

  /** The blocks and single addresses of an address group. */
  async addressGroup(id: string): Promise<readonly string[]> {
    const schema = z.object({ address_group: z.object({ ip_set: listOf(z.string()) }) });
    const path = `/v3/{project_id}/vpc/address-groups/${encodeURIComponent(id)}`;
    return (await this.#get("vpc:addressGroups:get", path, schema)).address_group.ip_set;
  }

  /** The network ACLs with their rules. */
  async firewalls(): Promise<readonly Firewall[]> {
    const schema = z.object({ firewalls: listOf(z.object({ id: z.string() })) });
    const base = "/v3/{project_id}/vpc/firewalls";
    const { firewalls } = await this.#get("vpc:firewalls:list", base, schema);
    // The list shows no rules.
    return Promise.all(
      firewalls.map(async ({ id }) => {
        const one = z.object({ firewall: firewallSchema });
        return (await this.#get("vpc:firewalls:get", `${base}/${encodeURIComponent(id)}`, one)).firewall;
      }),
    );
  }

  async addRule(rule: NewRule, signal: AbortSignal): Promise<void> {
    await this.#vpc.caller.call("vpc:securityGroupRules:create", z.unknown(), signal, ({ http }) =>
      http.sendRequest({
        ...request("POST", "/v3/{project_id}/vpc/security-group-rules"),
        data: { security_group_rule: rule },
      }),
    );
  }

  async #pages(
    operation: string,
    path: string,
    query: Readonly<Record<string, string>>,
  ): Promise<readonly SecurityGroupRule[]> {
    const schema = z.object({
      security_group_rules: listOf(ruleSchema),
      page_info: z.object({ next_marker: optionalText }).nullish(),
    });
    const rules: SecurityGroupRule[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#get(operation, path, schema, marker ? { ...query, marker } : query);
      rules.push(...page.security_group_rules);
      marker = page.page_info?.next_marker;
    } while (marker);
    return rules;
  }

  #get<Schema extends z.ZodType>(
    operation: string,
    path: string,
    schema: Schema,
    query: Readonly<Record<string, string>> = {},
  ): Promise<z.output<Schema>> {
    return this.#vpc.caller.call(operation, schema, this.#signal, ({ http }) =>
      http.sendRequest({ ...request("GET", path), queryParams: query }),
    );
  }
}

/** The SDK signs any request; its own v3 client would load another half megabyte. */
function request(method: "GET" | "POST", url: string): HttpRequestOptions {
  return { method, url, contentType: "application/json", queryParams: {}, pathParams: {}, headers: {} };
}

const ruleSchema = z.object({
  id: z.string(),
  security_group_id: z.string(),
  direction: z.enum(["ingress", "egress"]),
  ethertype: optionalText,
  /** A name, a number as text, or undefined for all. */
  protocol: optionalText,
  remote_ip_prefix: optionalText,
  remote_group_id: optionalText,
  remote_address_group_id: optionalText,
  /** v1 has neither: it allows. */
  action: z
    .enum(["allow", "deny"])
    .nullish()
    .transform((value) => value ?? "allow"),
  priority: z
    .number()
    .nullish()
    .transform((value) => value ?? 1),
  enabled: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});

const firewallRuleSchema = z.object({
  id: z.string(),
  action: z.enum(["allow", "deny"]),
  protocol: optionalText,
  ip_version: z.number().nullish(),
  source_ip_address: optionalText,
  destination_ip_address: optionalText,
  source_address_group_id: optionalText,
  destination_address_group_id: optionalText,
  enabled: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});

const firewallSchema = z.object({
  id: z.string(),
  admin_state_up: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
  associations: listOf(z.object({ virsubnet_id: z.string() })),
  ingress_rules: listOf(firewallRuleSchema),
  egress_rules: listOf(firewallRuleSchema),
});
