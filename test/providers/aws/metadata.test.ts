import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Metadata, metadataEndpoint } from "../../../providers/aws/metadata.ts";
import { AwsFixture, live, nodeA, refusalOf } from "./against-emulator.ts";

let fixture: AwsFixture;
beforeEach(async () => {
  fixture = await AwsFixture.start();
});
afterEach(() => fixture.stop());

const client = (timeoutMs = 10_000) =>
  new Metadata(timeoutMs, `${fixture.emulator.metadataEndpoint(nodeA.instanceId)}/`);

describe("the metadata client", () => {
  it("gets one token for several questions at once", async () => {
    const metadata = client();
    await Promise.all(["instance-id", "mac", "local-ipv4"].map((item) => metadata.read(item, live())));
    const tokens = fixture.emulator.cloud.journal.entries({ action: "/latest/api/token" });
    expect(tokens).toHaveLength(1);
  });

  it("knows an absent item from a service that fails", async () => {
    expect(await client().read("no/such/item", live())).toBeUndefined();
    expect(await client().readLines("no/such/item", live())).toEqual([]);
    fixture.emulator.cloud.faults.inject({ kind: "error-500", surface: "metadata" });
    const { facts } = await refusalOf(client().read("mac", live()));
    expect(facts).toMatchObject({ kind: "unreachable", message: expect.stringContaining("HTTP 500") });
  });

  it("names the hop limit when no answer comes, which is how a container meets it", async () => {
    fixture.emulator.cloud.faults.inject({ kind: "hang", surface: "metadata" });
    const { facts } = await refusalOf(client(100).read("mac", live()));
    expect(facts.message).toContain("no answer within 100 ms");
    expect(facts.hint).toContain("HttpPutResponseHopLimit");
  });

  it("ends with the caller's reason when it is aborted", async () => {
    const reason = new Error("no longer wanted");
    await expect(client().read("mac", AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("is pointed elsewhere by the SDKs' variables", () => {
    expect(metadataEndpoint({})).toBe("http://169.254.169.254");
    expect(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" })).toBe(
      "http://[fd00:ec2::254]",
    );
    expect(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" })).toBe(
      "http://127.0.0.1:1",
    );
  });
});
