import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { huaweicloudOptions } from "../../../providers/huaweicloud/options.ts";
import type { ProviderErrorKind } from "../../../src/provider/errors.ts";
import type { FaultRule } from "../../cloud/base/faults.ts";
import { ADDRESS_A, HuaweiFixture, live, refusalOf, VIP } from "./against-emulator.ts";

let fixture: HuaweiFixture;

beforeEach(async () => {
  fixture = await HuaweiFixture.start({ bound: false });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await fixture.stop();
});

describe("who this node is", () => {
  it("is found by the MAC address of its interface, in whatever case it is written", async () => {
    const provider = fixture.create(1, {}, fixture.nic(1).mac_address.toUpperCase());
    expect(await provider.identify(live())).toEqual({
      instanceId: fixture.serverId(1),
      networkInterfaceId: fixture.nic(1).id,
      subnetId: fixture.nic(1).network_id,
      zone: "cn-north-4a",
      region: "cn-north-4",
    });
  });

  it("is not guessed when no interface of the server has that MAC address", async () => {
    const error = await refusalOf(fixture.create(0, {}, fixture.nic(1).mac_address).identify(live()));
    expect(error.facts).toMatchObject({ kind: "misconfigured", message: expect.stringContaining("eth0") });
  });

  it("is asked again later when the metadata service is down", async () => {
    fixture.emulator.faults.inject({ kind: "metadata-down" });
    const error = await refusalOf(fixture.create(0).identify(live()));
    expect([error.facts.kind, error.retry]).toEqual(["unreachable", "soon"]);
  });

  it("has to be completed where the metadata do not tell the region or the project", async () => {
    fixture.emulator.change((state) => ({ ...state, region: "", project_id: "" }));
    const region = await refusalOf(fixture.create(0, { endpoint: undefined }).identify(live()));
    expect(region.facts.hint).toContain("`region`");
    const project = await refusalOf(fixture.create(0).identify(live()));
    expect(project.facts.hint).toContain("`project_id`");
  });

  it("is found where the metadata service wants tokens, and again when a token has ended", async () => {
    await fixture.stop();
    fixture = await HuaweiFixture.start({}, { metadataTokens: "required" });
    expect(await fixture.create(0).identify(live())).toMatchObject({ instanceId: fixture.serverId(0) });
  });
});

describe("a cloud that fails", () => {
  const faults: readonly [string, FaultRule, ProviderErrorKind][] = [
    ["answers 500", { kind: "error-500" }, "unreachable"],
    ["throttles", { kind: "throttle" }, "throttled"],
    ["never answers", { kind: "hang" }, "unreachable"],
    ["resets the connection", { kind: "reset" }, "unreachable"],
    ["loses the answer", { kind: "lost-answer" }, "unreachable"],
    ["has another time", { kind: "clock-skew", skewMs: 3_600_000 }, "denied"],
  ];
  it.each(faults)("that %s refuses a claim, and the owner is unknown", async (_, fault, kind) => {
    const provider = await fixture.identified(0, fault.kind === "hang" ? { request_timeout: 0.5 } : {});
    fixture.emulator.faults.inject(fault);
    const error = await refusalOf(provider.claim([VIP], live()));
    expect(error.facts.kind).toBe(kind);
    expect(await provider.owner([VIP], live())).toMatchObject([{ owner: { kind: "unknown" } }]);
    expect(await provider.rehearse([VIP], live())).toMatchObject({
      ready: false,
      obstacles: [{ code: kind === "denied" ? "huaweicloud/permission-denied" : `huaweicloud/${kind}` }],
    });
  });

  it.each(faults)("that %s for a while is claimed once it is well", { timeout: 20_000 }, async (_, fault) => {
    const provider = await fixture.identified(0, fault.kind === "hang" ? { request_timeout: 3 } : {});
    fixture.emulator.faults.inject({ ...fault, action: "UpdatePort" });
    await refusalOf(provider.claim([VIP], live()));
    fixture.emulator.faults.clear();
    await provider.claim([VIP], live());
    expect(fixture.boundTo()).toEqual([ADDRESS_A]);
  });

  it("tells the service's own code, request id and the permission that is missing", async () => {
    const provider = await fixture.identified(0);
    fixture.emulator.deny("vpc:ports:update");
    const { facts } = await refusalOf(provider.claim([VIP], live()));
    expect(facts).toMatchObject({
      kind: "denied",
      operation: "vpc:ports:update",
      cloudCode: "VPC.2201",
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      hint: expect.stringContaining("vpc:ports:update"),
    });
  });

  it("whose endpoint is something else is told apart from a refusal", async () => {
    const page = createServer((_, response) => response.writeHead(200).end("<html>a captive portal</html>"));
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
    const { port } = page.address() as AddressInfo;
    const provider = await fixture.identified(0, { endpoint: `http://127.0.0.1:${port}` });
    const error = await refusalOf(provider.claim([VIP], live()));
    expect(error.facts).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("another shape"),
    });
    await provider.close();
    await new Promise((resolve) => page.close(resolve));
    expect((await refusalOf(provider.claim([VIP], live()))).message).toContain("ECONNREFUSED");
  });
});

describe("a claim that is no longer wanted", () => {
  it("ends at once with the reason, while the cloud does not answer", async () => {
    const provider = await fixture.identified(0);
    fixture.emulator.faults.inject({ kind: "hang" });
    const abort = new AbortController();
    const outcome = refusalOf(provider.claim([VIP], abort.signal));
    await vi.waitFor(() => expect(fixture.emulator.journal.entries({ surface: "api" })).not.toHaveLength(0));
    abort.abort(new Error("mastership lost"));
    expect((await outcome).message).toBe("mastership lost");
  });
});

describe("credentials", () => {
  it("that have ended are replaced within the call", async () => {
    const provider = await fixture.identified(0);
    await provider.owner([VIP], live());
    fixture.emulator.expireCredentials();
    await provider.claim([VIP], live());
    expect(fixture.boundTo()).toEqual([ADDRESS_A]);
  });

  it("are missing where the server has no agency, which is said with the fix", async () => {
    const id = fixture.serverId(0);
    fixture.emulator.change((state) => ({
      ...state,
      servers: { ...state.servers, [id]: { ...state.servers[id]!, agency: false } },
    }));
    const { obstacles, credentialsExpire } = await (await fixture.identified(0)).rehearse([VIP], live());
    expect(obstacles).toMatchObject([
      { code: "huaweicloud/permission-denied", hint: expect.stringContaining("agency") },
    ]);
    expect(credentialsExpire).toBeUndefined();
  });

  it("of the environment are used on request, and have no end", async () => {
    await fixture.stop();
    const user = { access: "ENVAK", secret: "of-the-environment", who: "user" };
    fixture = await HuaweiFixture.start({}, { accessKeys: [user] });
    vi.stubEnv("HUAWEICLOUD_SDK_AK", user.access);
    vi.stubEnv("HUAWEICLOUD_SDK_SK", user.secret);
    const provider = await fixture.identified(0, { credentials: "environment" });
    expect(await provider.rehearse([VIP], live())).toEqual({
      ready: true,
      obstacles: [],
      credentialsExpire: undefined,
    });
    expect(fixture.emulator.journal.entries({ surface: "api" })[0]?.who).toBe("user");
  });

  it("of the environment that are missing are said to be so", async () => {
    const provider = await fixture.identified(0, { credentials: "environment" });
    expect((await refusalOf(provider.claim([VIP], live()))).message).toContain("HUAWEICLOUD_SDK_AK");
  });
});

describe("readiness", () => {
  it("tells when the credentials end, and proves the permission once, not every time", async () => {
    await fixture.stop();
    fixture = await HuaweiFixture.start();
    const provider = await fixture.identified(1);
    const before = fixture.emulator.state().ports;
    const first = await provider.rehearse([VIP], live());
    expect(first).toMatchObject({ ready: true, obstacles: [] });
    expect(Date.parse(first.credentialsExpire ?? "")).toBeGreaterThan(Date.now());
    await provider.rehearse([VIP], live());
    expect(fixture.writes()).toEqual(["UpdatePort"]);
    expect(fixture.emulator.state().ports).toEqual(before);
  });

  it("keeps one connection open for all calls", async () => {
    const provider = await fixture.identified(1, { source_destination_check: "ignore" });
    await provider.claim([VIP], live());
    await provider.claim([VIP], live());
    const connections = fixture.emulator.journal.entries({ surface: "api" }).map((entry) => entry.connection);
    expect(new Set(connections).size).toBe(1);
  });
});

describe("options", () => {
  const refused: readonly [string, object][] = [
    ["no mechanism", {}],
    ["a route without tables", { mechanism: "route" }],
    ["tables without a route", { mechanism: "virtual-ip", route_tables: ["rtb"] }],
    ["a table listed twice", { mechanism: "route", route_tables: ["rtb", "rtb"] }],
    ["an exclusive route", { mechanism: "route", route_tables: ["rtb"], exclusive: true }],
    ["an EIP of no address", { mechanism: "virtual-ip", eips: { vip: "eip" } }],
    ["an unknown key", { mechanism: "virtual-ip", exclusiv: true }],
    ["an endpoint that is no URL", { mechanism: "virtual-ip", endpoint: "vpc.cn-north-4" }],
  ];
  it.each(refused)("with %s are refused", (_, options) => {
    expect(huaweicloudOptions.safeParse(options).success).toBe(false);
  });

  it("need nothing but the mechanism", () => {
    const options = huaweicloudOptions.parse({ mechanism: "virtual-ip" });
    expect(options).toMatchObject({ exclusive: false, credentials: "agency", request_timeout: 3 });
  });
});
