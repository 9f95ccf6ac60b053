import { expect, test } from "vitest";
import { renderJsonSchema } from "../../src/config/json-schema.ts";
import { renderReference } from "../../src/config/reference.ts";

// `npm run docs` runs this file with --update, which writes both.

test("conf/cloudvip.yaml is what the schema says", async () => {
  await expect(renderReference()).toMatchFileSnapshot("../../conf/cloudvip.yaml");
});

test("conf/cloudvip.schema.json is what the schema says", async () => {
  await expect(renderJsonSchema()).toMatchFileSnapshot("../../conf/cloudvip.schema.json");
});
