import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { environmentNamesCredentials, InstanceRole } from "../../../providers/aws/credentials.ts";
import { Metadata } from "../../../providers/aws/metadata.ts";
import { refusalOf } from "./against-emulator.ts";

/** What the metadata service answers with for the role's credentials; the status of everything while it is down. */
let document = "";
let down = false;
let asked = 0;
let server: Server;
let role: InstanceRole;

beforeEach(async () => {
  [down, asked] = [false, 0];
  server = createServer((request, response) => {
    if (request.url?.endsWith("/node")) asked++;
    const body = request.method === "PUT" ? "token" : request.url?.endsWith("/node") ? document : "node";
    response.writeHead(down ? 503 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  role = new InstanceRole(new Metadata(10_000, `http://127.0.0.1:${port}`));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function lastingFor(minutes: number, AccessKeyId: string): string {
  const Expiration = new Date(Date.now() + minutes * 60_000).toISOString();
  return JSON.stringify({ Code: "Success", AccessKeyId, SecretAccessKey: "s", Token: "t", Expiration });
}

describe("the credentials of an instance's role", () => {
  it("are asked for once while they last", async () => {
    document = lastingFor(60, "first");
    await role.credentials();
    expect((await role.credentials()).accessKeyId).toBe("first");
    expect(asked).toBe(1);
  });

  it("are renewed before they end", async () => {
    document = lastingFor(10, "first");
    await role.credentials();
    document = lastingFor(360, "second");
    expect((await role.credentials()).accessKeyId).toBe("second");
  });

  it("are used to their end when the renewal fails, and not longer", async () => {
    document = lastingFor(10, "first");
    await role.credentials();
    down = true;
    expect((await role.credentials()).accessKeyId).toBe("first");
    expect((await refusalOf(role.credentials({ forceRefresh: true }))).facts.kind).toBe("unreachable");
  });

  it("are denied in one line when the role gives none", async () => {
    for (const answer of ['{"Code":"AssumeRoleUnauthorizedAccess"}', "not JSON"]) {
      document = answer;
      const { facts } = await refusalOf(role.credentials());
      expect(facts).toMatchObject({
        kind: "denied",
        message: "the instance's role node gives no credentials",
      });
    }
  });
});

describe("the environment", () => {
  it("comes before the role when it names credentials", () => {
    expect(environmentNamesCredentials({})).toBe(false);
    expect(environmentNamesCredentials({ AWS_PROFILE: "failover" })).toBe(true);
  });
});
