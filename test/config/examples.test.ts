import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { providerMistakes } from "../../src/commands/check-providers.ts";
import { loadConfig } from "../../src/config/load.ts";
import { formsOf, purposeOf } from "../../src/config/provider-forms.ts";
import { BUILT_IN_PROVIDERS, loadProvider } from "../../src/provider/registry.ts";

const CONF = new URL("../../conf/", import.meta.url);
const files = readdirSync(CONF, { recursive: true, encoding: "utf8" }).filter((file) =>
  /\.(yaml|conf)$/.test(file),
);

async function load(file: string) {
  return loadConfig(new URL(file, CONF).pathname, { env: {} });
}

test("conf/ has the reference and examples", () => {
  expect(files).toContain("cloudvip.yaml");
  expect(files.length).toBeGreaterThan(5);
});

test.each(files)("conf/%s can be used as it stands, without a warning", async (file) => {
  const { config, problems, providers } = await load(file);
  expect(problems).toEqual([]);
  expect(await providerMistakes(providers)).toEqual([]);
  expect(config?.instances.length).toBeGreaterThan(0);
});

test.each(BUILT_IN_PROVIDERS)("every mechanism of %s has an example", async (name) => {
  const shown = await Promise.all(files.filter((file) => file.startsWith("examples/")).map(load));
  const options = shown.flatMap(({ providers }) => providers.filter((block) => block.name === name));
  const mechanisms = new Set(
    options.map(({ options: { mechanism } }) => mechanism && `mechanism: ${mechanism}`),
  );
  const { options: schema } = await loadProvider(name);
  expect(mechanisms).toEqual(new Set(formsOf(schema).map(purposeOf)));
});

test.each([
  ["examples/pair-a.yaml", "examples/pair-b.yaml"],
  ["examples/keepalived-a.conf", "examples/keepalived-b.conf"],
])("%s and %s are peers that agree", async (first, second) => {
  const [a, b] = await Promise.all([load(first), load(second)]);
  const [one, other] = [a.config?.instances[0], b.config?.instances[0]];
  expect(one?.peers.map(({ address }) => address)).toEqual([other?.sourceAddress]);
  expect(other?.peers.map(({ address }) => address)).toEqual([one?.sourceAddress]);
  expect(one?.router.priority).not.toBe(other?.router.priority);
  const shared = (instance: typeof one) => ({
    id: instance?.router.virtualRouterId,
    version: instance?.router.version,
    interval: instance?.router.advertInterval,
    addresses: instance?.virtualAddresses,
    password: instance?.authPass,
  });
  expect(shared(one)).toEqual(shared(other));
});
