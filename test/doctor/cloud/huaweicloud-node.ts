import { EXAMPLE_SERVERS } from "../../cloud/huaweicloud/example-cloud.ts";
import type { CloudState, SecurityGroupRule } from "../../cloud/huaweicloud/wire.ts";
import { type HuaweiFixture, OVERLAY, VIP } from "../../providers/huaweicloud/against-emulator.ts";
import type { CloudServer } from "./run-doctor.ts";

interface About {
  readonly peers?: readonly string[];
  readonly vips?: readonly string[];
  readonly address?: string;
  /** Options of the provider. */
  readonly options?: Readonly<Record<string, unknown>>;
}

const [SELF, PEER] = EXAMPLE_SERVERS;

/** The first server of the example cloud; the second is its peer unless others are given. */
export function huaweiNode(fixture: HuaweiFixture, about: About = {}): CloudServer {
  const { peers = [PEER?.address ?? ""], vips = [VIP], address = SELF?.address ?? "", options } = about;
  return {
    ...{ address, peers, vips },
    mac: SELF?.mac ?? "",
    provider: {
      ...{ name: "huaweicloud", mechanism: "virtual-ip" },
      endpoint: fixture.emulator.url,
      metadata_endpoint: fixture.emulator.metadataUrl(fixture.serverId(0)),
      request_timeout: 60,
      ...options,
    },
  };
}

export function routeTables(fixture: HuaweiFixture): readonly string[] {
  return Object.keys(fixture.emulator.state().routeTables);
}

export function huaweiRouteNode(fixture: HuaweiFixture, about: About = {}): CloudServer {
  const options = { mechanism: "route", route_tables: routeTables(fixture), ...about.options };
  return huaweiNode(fixture, { vips: [OVERLAY], ...about, options });
}

/** Changes the cloud as somebody in the console would. */
export function changing(change: (state: CloudState) => Partial<CloudState>) {
  return ({ emulator }: HuaweiFixture): undefined => {
    emulator.change((state) => ({ ...state, ...change(state) }));
  };
}

/** Changes every rule of one direction. */
export function changingRules(
  direction: SecurityGroupRule["direction"],
  change: Partial<SecurityGroupRule>,
): ReturnType<typeof changing> {
  return changing(({ securityGroupRules }) => ({
    securityGroupRules: Object.fromEntries(
      Object.entries(securityGroupRules).map(([id, rule]) => [
        id,
        rule.direction === direction ? { ...rule, ...change } : rule,
      ]),
    ),
  }));
}
