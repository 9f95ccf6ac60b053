import { provider } from "../../providers/huaweicloud/provider.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import type { ExampleCloud } from "../cloud/huaweicloud/example-cloud.ts";
import {
  ADDRESS_A,
  ADDRESS_B,
  HuaweiFixture,
  OVERLAY,
  VIP,
} from "../providers/huaweicloud/against-emulator.ts";
import { type NodeName, providerSuite } from "./compliance.ts";

const ADDRESSES = { a: ADDRESS_A, b: ADDRESS_B } as const;

interface Mechanism {
  readonly options: (fixture: HuaweiFixture) => Readonly<Record<string, unknown>>;
  readonly cloud: ExampleCloud;
  readonly vip: IpAddress;
  /** What a claim calls. */
  readonly call: string;
  readonly has: (fixture: HuaweiFixture, node: NodeName) => boolean;
}

const setUp =
  ({ options, cloud, vip, call, has }: Mechanism) =>
  async () => {
    const fixture = await HuaweiFixture.start(cloud);
    const { emulator } = fixture;
    return {
      vips: [vip] as const,
      addressOf: (node: NodeName) => ADDRESSES[node],
      create: (node: NodeName, timeout = 60) =>
        fixture.create(node === "a" ? 0 : 1, { ...options(fixture), request_timeout: timeout }),
      holders: () => (["a", "b"] as const).filter((node) => has(fixture, node)),
      inject: (kind: Parameters<typeof emulator.faults.inject>[0]["kind"]) =>
        void emulator.faults.inject({ kind }),
      heal: () => emulator.faults.clear(),
      deny: () => emulator.deny(call),
      changes: () => fixture.writes(),
      expireCredentials: () => emulator.expireCredentials(),
      stop: () => fixture.stop(),
    };
  };

const boundTo = (fixture: HuaweiFixture, node: NodeName) => fixture.boundTo().includes(ADDRESSES[node]);

const virtualIp = { cloud: { bound: false }, vip: VIP, call: "vpc:ports:update", has: boundTo };

providerSuite(
  "huaweicloud with virtual IPs",
  provider,
  setUp({ ...virtualIp, options: () => ({ mechanism: "virtual-ip" }) }),
  { exclusive: false },
);

providerSuite(
  "huaweicloud with exclusive virtual IPs",
  provider,
  setUp({ ...virtualIp, options: () => ({ mechanism: "virtual-ip", exclusive: true }) }),
);

const tablesOf = ({ emulator }: HuaweiFixture) => Object.values(emulator.state().routeTables);

providerSuite(
  "huaweicloud with routes",
  provider,
  setUp({
    options: (fixture) => ({ mechanism: "route", route_tables: tablesOf(fixture).map(({ id }) => id) }),
    cloud: {},
    vip: OVERLAY,
    call: "vpc:routeTables:update",
    has: (fixture, node) =>
      tablesOf(fixture).every(({ routes }) =>
        routes.some(
          ({ destination, nexthop }) =>
            destination === `${OVERLAY}/32` && nexthop === fixture.serverId(node === "a" ? 0 : 1),
        ),
      ),
  }),
);
