import { describe, expect, test } from "vitest";
import { z } from "zod";
import { providerBlocks } from "../../src/config/provider-block.ts";
import { providerOptionMistakes } from "../../src/config/provider-options.ts";
import { oneLine, problemsOf, withOptions } from "./snippets.ts";

/** What is wrong with VI_1 that has these lines below its first seven. */
function found(more: string): readonly string[] {
  return problemsOf(withOptions(more)).map((problem) => oneLine(problem).replace("vrrp_instance.VI_1.", ""));
}

describe("the part of a provider block that is the same for every provider", () => {
  const INTERVAL = "or text with a unit such as";

  test.each([
    [
      "provider: aws",
      `8:15 error provider: "aws" is text; write a map such as { name: aws, mechanism: secondary-ip }`,
    ],
    [
      "provider: [aws]",
      "8:15 error provider: a list is not expected here; write a map such as { name: aws, mechanism: secondary-ip }",
    ],
    [
      "provider:",
      "8:5 error provider: has no value; write a map such as { name: aws, mechanism: secondary-ip }",
    ],
    [
      "provider: {}",
      "8:5 error provider.name: is missing; write aws, huaweicloud, exec, an installed npm package, or the absolute path of a module, such as name: aws",
    ],
    ["provider: { name: 7 }", `8:23 error provider.name: 7 is a number; write it in quotes: "7"`],
    [
      "provider: { name: '' }",
      `8:23 error provider.name: "" is no provider; write aws, huaweicloud, exec, the name of an installed npm package, or the absolute path of a module`,
    ],
    [
      "provider: { name: ../acme.js }",
      `8:23 error provider.name: "../acme.js" is no absolute path; write a path that begins with /`,
    ],
    [
      "provider: { name: aws, verify_interval: 0 }",
      `8:45 error provider.verify_interval: 0 s is below 0.1 s; write seconds from 0.1 to 3600, ${INTERVAL} "30ms" or "1.5s"`,
    ],
    [
      "provider: { name: aws, consistency_window: 11m }",
      `8:48 error provider.consistency_window: "11m" is above 600 s; write seconds from 0 to 600, ${INTERVAL} "30ms" or "1.5s"`,
    ],
    [
      "provider: { name: aws, rehearse_interval: fast }",
      `8:47 error provider.rehearse_interval: "fast" is no duration; write seconds from 1 to 86400, ${INTERVAL} "30ms" or "1.5s"`,
    ],
  ])("refuses %s", (more, problem) => {
    expect(found(more)).toEqual([problem]);
  });

  test.each(["aws", "@acme/cloudvip-acme", "cloudvip-acme/lib/provider.js", "/opt/my cloud/provider.mjs"])(
    "takes the name %s, and leaves to it what is its own",
    (name) => {
      expect(found(`provider: { name: "${name}", anything: [1, { at: all }] }`)).toEqual([]);
    },
  );

  test("needs an address to move", () => {
    const none = withOptions("no_virtual_ipaddress: true\nprovider: { name: aws }").replace(
      "10.0.0.10/32",
      "",
    );
    expect(problemsOf(none).map(oneLine)).toEqual([
      "9:5 error vrrp_instance.VI_1.provider: there is no virtual address that it could move; write virtual_ipaddress, or remove the provider",
    ]);
    const excluded = none.replace("no_virtual", "virtual_ipaddress_excluded: [10.0.0.10]\n    no_virtual");
    expect(problemsOf(excluded)).toEqual([]);
  });

  test("is found where its options were written into the instance", () => {
    expect(found("verify_interval: 5")).toEqual([
      `8:5 error verify_interval: there is no option "verify_interval" here; move it to provider`,
    ]);
    expect(found("mechanism: route")).toEqual([
      `8:5 error mechanism: there is no option "mechanism" here; write it below provider, with the provider's name: provider: { name: aws, mechanism: … }`,
    ]);
  });
});

test("blocks are found in any document, with what belongs to the provider alone", () => {
  const instance = (provider: unknown) => ({ vrrp_instance: { a: { provider } } });
  for (const raw of [
    undefined,
    [],
    {},
    { vrrp_instance: [] },
    { vrrp_instance: { a: 1 } },
    instance("aws"),
    instance({}),
  ]) {
    expect(providerBlocks(raw)).toEqual([]);
  }
  expect(providerBlocks(instance({ name: "aws", verify_interval: "?", region: null, zone: 1 }))).toEqual([
    { instance: "a", name: "aws", options: { region: null, zone: 1 } },
  ]);
});

describe("a provider's schema", () => {
  function mistakes(schema: z.ZodType, options: Readonly<Record<string, unknown>>): readonly string[] {
    const block = { instance: "a", name: "acme", options };
    return providerOptionMistakes(block, schema, "its manual").map(
      ({ path, at, message, fix }) => `${path.slice(3).join(".")} (${at}) ${message}; ${fix}`,
    );
  }

  test("may be a single map, and its own words count", () => {
    const schema = z.strictObject({
      zone: z.string().meta({ description: "Such as Z1.", expects: "a zone in capitals" }),
      retries: z.int().min(1),
      weight: z.number().max(1).optional(),
      share: z.int().optional(),
    });
    expect(mistakes(schema, { retries: 0, weight: 2, share: 0.5 })).toEqual([
      "zone (key) is missing; write a zone in capitals: such as Z1",
      "retries (value) 0 is below 1; write a whole number of at least 1",
      "weight (value) 2 is above 1; write a number of at most 1",
      "share (value) 0.5 is no whole number; write a whole number",
    ]);
  });

  test("may have forms that only some options tell apart", () => {
    const form = (kind: string, option: string) =>
      z.strictObject({ kind: z.literal(kind), [option]: z.string() });
    const schema = z.union([form("a", "one"), form("b", "two")]);
    expect(mistakes(schema, { kind: "b", one: "x", two: "y" })).toEqual([
      `one (key) there is no option "one" here; remove it: it belongs to kind: a`,
    ]);
    expect(mistakes(schema, { kind: "a" })).toEqual(["one (key) is missing; write what its manual shows"]);
  });

  test("may describe nested maps and lists", () => {
    const schema = z.strictObject({
      gateways: z
        .array(z.strictObject({ address: z.ipv4(), port: z.int().min(1).max(65535).default(80) }))
        .min(1),
    });
    expect(mistakes(schema, { gateways: [{ address: "x", prot: 1 }, 5] })).toEqual([
      `gateways.0.address (value) "x" is not of the form ipv4; write what its manual shows`,
      `gateways.0.prot (key) there is no option "prot" here; remove it, or choose from address, port`,
      "gateways.1 (value) 5 is a number; write a map",
    ]);
    expect(mistakes(schema, { gateways: [] })).toEqual(["gateways (value) the list is empty; write a list"]);
  });

  test("that refuses the block as a whole says so at the block", () => {
    const schema = z.looseObject({}).refine(() => false, "zone and region exclude each other");
    expect(mistakes(schema, { zone: 1 })).toEqual([
      " (value) zone and region exclude each other; write what its manual shows",
    ]);
  });
});
