import { describe, expect, it } from "vitest";
import { Clouds } from "../../src/agent/clouds.ts";
import { millis, seconds } from "../../src/base/units.ts";
import type { InstanceConfig } from "../../src/config/config.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { OpenRequest } from "../../src/service/thread-messages.ts";
import { FakeHost, instanceConfig } from "./fake-host.ts";

describe("the providers of a configuration", () => {
  it("that a reload leaves as they are keep their connections", async () => {
    const { clouds, done } = cloudsOn(new FakeHost());
    await clouds.open([withProvider("V1", { mechanism: "route" }), withProvider("V2")]);
    await clouds.open([withProvider("V1", { mechanism: "secondary-ip" }), withProvider("V2")]);
    expect(done).toEqual(["open V1 route", "open V2", "open V1 secondary-ip"]);
  });

  it("are opened again when the interface got another address", async () => {
    const host = new FakeHost();
    const { clouds, done } = cloudsOn(host);
    await clouds.open([withProvider("V1")]);
    host.eth0 = { ...host.eth0, hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 9) };
    await clouds.open([withProvider("V1")]);
    expect(done).toEqual(["open V1", "open V1"]);
  });

  it("are closed when their instances are gone, but not by a configuration that is refused", async () => {
    const { clouds, done } = cloudsOn(new FakeHost());
    await clouds.open([withProvider("V1"), withProvider("V2")]);

    const refused = clouds.open([withProvider("V1", { mechanism: "wrong" })]);
    await expect(refused).rejects.toMatchObject({ code: "provider/misconfigured" });
    expect(done.slice(2)).toEqual(["open V1 wrong"]);

    await clouds.open([withProvider("V1")]);
    expect(done.slice(3)).toEqual(["close V2"]);
  });

  it("that were closed are opened anew when they come back", async () => {
    const { clouds, done } = cloudsOn(new FakeHost());
    await clouds.open([withProvider("V1")]);
    await clouds.open([]);
    await clouds.open([withProvider("V1")]);
    expect(done).toEqual(["open V1", "close V1", "open V1"]);
  });
});

function cloudsOn(host: FakeHost) {
  const done: string[] = [];
  const thread = {
    open: async ({ key, options }: OpenRequest) => {
      done.push(["open", key, ...Object.values(options)].join(" "));
      if (options["mechanism"] === "wrong") throw REFUSAL;
      return "move" as const;
    },
    close: (key: string) => done.push(`close ${key}`),
    call: () => {
      throw new Error("nobody calls here");
    },
  };
  return { clouds: new Clouds({ network: host, now: () => millis(0), thread: () => thread }), done };
}

const REFUSAL = new ProviderError({
  kind: "misconfigured",
  operation: "open",
  message: "there is no mechanism wrong",
  hint: "write another",
});

function withProvider(name: string, options: Readonly<Record<string, unknown>> = {}): InstanceConfig {
  const intervals = {
    verifyInterval: seconds(10),
    consistencyWindow: seconds(5),
    rehearseInterval: seconds(300),
  };
  return instanceConfig({ name, provider: { name: "aws", options, ...intervals } });
}
