import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { play } from "./scenario.ts";

const FOLDER = new URL("./transcripts/", import.meta.url);
const BETWEEN = "\n---\n";

/** `UPDATE=1 npx vitest run test/vrrp/transcripts` writes the traces anew; their diff is what a reviewer reads. */
describe("the transcript", () => {
  it.each(readdirSync(FOLDER).sort())("%s is what happens", (name) => {
    const file = new URL(name, FOLDER);
    const [scenario = "", trace] = readFileSync(file, "utf8").split(BETWEEN);
    const played = `${play(scenario).join("\n")}\n`;
    if (process.env["UPDATE"]) writeFileSync(file, scenario + BETWEEN + played);
    else expect(trace).toBe(played);
  });
});
