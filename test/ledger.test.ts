import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const LEDGER = readFileSync(resolve(import.meta.dirname, "rfc9568.md"), "utf8");
/** A path in backticks, and the quotations up to the next one. */
const QUOTED = /`([\w./-]+\.ts)`((?:,? "[^"]+")+)/g;

interface Quotation {
  readonly file: string;
  readonly name: string;
}

describe("the RFC ledger", () => {
  const lines = LEDGER.split("\n").filter((line) => line.startsWith("- "));

  it.each(quotationsOf(LEDGER))('quotes from $file: "$name"', ({ file, name }) => {
    const path = resolve(import.meta.dirname, file);
    expect(existsSync(path), `${file} does not exist`).toBe(true);
    expect(namesIn(readFileSync(path, "utf8")), `${file} has no test of this name`).toContain(name);
  });

  it("has for every rule a test, or the reason why none is owed", () => {
    const bare = lines.filter(
      (line) => quotationsOf(line).length === 0 && !/None owed( yet)?: \S/.test(line),
    );
    expect(bare).toEqual([]);
    expect(lines.length).toBeGreaterThan(40);
  });

  it("notices a quotation of a test that is not there", () => {
    expect(namesIn(`it("is there", () => {})`)).not.toContain("is not there");
    expect(quotationsOf('`a/b.ts` "one", "two"; `c.ts` "three"')).toEqual([
      { file: "a/b.ts", name: "one" },
      { file: "a/b.ts", name: "two" },
      { file: "c.ts", name: "three" },
    ]);
  });
});

function quotationsOf(text: string): Quotation[] {
  return [...text.matchAll(QUOTED)].flatMap(([, file = "", names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
  );
}

/** Every quoted text of a test file: names of tests and of the rows of their tables are among them. */
function namesIn(source: string): string[] {
  return [...source.matchAll(/"((?:\\.|[^"\\\n])+)"/g)].map(([, text = ""]) => text);
}
