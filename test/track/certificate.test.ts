import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpCheckConfig } from "../../src/config/track-config.ts";
import type { Finding } from "../../src/track/check.ts";
import { HttpCheck } from "../../src/track/checks/http.ts";
import { TimeLimit } from "../../src/track/time-limit.ts";
import { Receiver } from "../notify/receiver.ts";

let server: Receiver;

beforeEach(async () => {
  // Its certificate is good for a day, and signed by nobody but itself.
  server = await Receiver.openSelfSigned();
});

afterEach(() => server.close());

function look(config: Partial<HttpCheckConfig>): Promise<Finding> {
  return new HttpCheck({
    ...{ kind: "http", url: `https://localhost:${server.port}/health`, status: { min: 200, max: 299 } },
    ...{ body: undefined, verifyCertificate: false, warnBeforeExpiry: 14 },
    ...config,
  }).run(new TimeLimit());
}

describe("an https check", () => {
  it("fails with a certificate that nobody vouches for", async () => {
    expect(await look({ verifyCertificate: true })).toMatchObject({
      ok: false,
      detail: expect.stringContaining("self-signed certificate"),
    });
    expect(server.received).toEqual([]);
  });

  it("warns of a certificate that is about to expire, each time it looks", async () => {
    for (let count = 0; count < 2; count++) {
      expect(await look({})).toMatchObject({
        ok: true,
        detail: "status 200",
        warning: expect.stringMatching(/^the certificate expires in [01] days, on /),
      });
    }
  });

  it("says nothing of a certificate that lasts", async () => {
    expect((await look({ warnBeforeExpiry: 0 })).warning).toBeUndefined();
  });
});
