import { inspect } from "node:util";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js";
import { ListPortsRequest } from "@huaweicloud/huaweicloud-sdk-vpc/v2/model/ListPortsRequest.js";
import { VpcClient } from "@huaweicloud/huaweicloud-sdk-vpc/v2/VpcClient.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FaultRule } from "../../cloud/base/faults.ts";
import { fetchSecurityKey, type SecurityKey } from "../../cloud/huaweicloud/sdk-client.ts";
import { HuaweiFixture, live, refusalOf, VIP } from "./against-emulator.ts";

let fixture: HuaweiFixture;
let key: SecurityKey;
let output: string[];

beforeEach(async () => {
  fixture = await HuaweiFixture.start({ bound: false });
  key = await fetchSecurityKey(fixture.emulator, fixture.serverId(0));
  output = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => output.push(String(chunk)) > 0);
  }
});

afterEach(async () => {
  vi.restoreAllMocks();
  await fixture.stop();
});

const FAULTS: readonly FaultRule[] = [
  { kind: "error-500" },
  { kind: "throttle" },
  { kind: "reset" },
  { kind: "lost-answer" },
  { kind: "hang" },
  { kind: "clock-skew", skewMs: 3_600_000 },
];

describe("the agency's secrets", () => {
  it("are in no output, error or reason, whatever the cloud does", { timeout: 30_000 }, async () => {
    const provider = await fixture.identified(0, { request_timeout: 0.5 });
    const told: unknown[] = [];
    for (const fault of FAULTS) {
      fixture.emulator.faults.inject(fault);
      told.push(await refusalOf(provider.claim([VIP], live())));
      told.push(await provider.owner([VIP], live()), await provider.rehearse([VIP], live()));
      fixture.emulator.faults.clear();
    }
    fixture.emulator.deny("vpc:ports:update");
    told.push(await refusalOf(provider.claim([VIP], live())), provider.plan([VIP]));
    fixture.emulator.expireCredentials();
    told.push(await provider.owner([VIP], live()), provider);
    expect(secretsIn(inspect(told, { depth: 12, showHidden: true }))).toEqual([]);
    expect(secretsIn(output.join(""))).toEqual([]);
  });

  it("would be found if they were there: the SDK as published prints the token", async () => {
    const credentials = new BasicCredentials()
      .withAk(key.access)
      .withSk(key.secret)
      .withProjectId(fixture.emulator.state().project_id)
      .withSecurityToken(key.securitytoken);
    const client = VpcClient.newBuilder()
      .withCredential(credentials)
      .withEndpoint(fixture.emulator.url)
      .withOptions({ customUserAgent: "cloudvip" })
      .build();
    fixture.emulator.faults.inject({ kind: "error-500" });
    await expect(client.listPorts(new ListPortsRequest())).rejects.toThrow();
    expect(secretsIn(output.join(""))).toEqual(["securitytoken"]);
  });
});

function secretsIn(text: string): readonly string[] {
  return (["secret", "securitytoken"] as const).filter((name) => text.includes(key[name]));
}
