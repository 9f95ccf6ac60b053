// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { formatYaml } from "../../../src/config/keepalived/format-yaml.ts";
import { GLOBAL_RULES } from "../../../src/config/keepalived/globals.ts";
import { INSTANCE_RULES } from "../../../src/config/keepalived/instance.ts";
import { readYaml } from "../../../src/config/load-yaml.ts";
import { locateMistakes } from "../../../src/config/mistake.ts";
import { hasErrors } from "../../../src/config/problem.ts";
import { readConf, withStatements } from "./reading.ts";

/** The pieces that the grammar is made of, so that odd combinations are likely. */
const piece = fc.oneof(
  fc.constantFrom(
    "{",
    "}",
    '"',
    "'",
    "\\",
    "\n",
    " ",
    "\t",
    "#",
    "!",
    "\r\n",
    "=",
    ",",
    ")",
    "$",
    "@",
    "^",
    "~",
    "\0",
  ),
  fc.constantFrom(
    "$A",
    "${A}",
    "$A=",
    "\n$A=",
    "\\\n",
    "\n$B=${A}",
    "${B}",
    "${_RANDOM 1 9}",
    "${_ENV X}",
    "${_PWD}",
  ),
  fc.constantFrom("~SEQ(N, 1, 3) ", "~SEQ(", "~SEQx(N,9) ", "~LST(N, 1, 2) ", "~LST({A,B},{1,2}) ", "${N}"),
  fc.constantFrom(
    "\n@node-a ",
    "\n@^node-a ",
    "\n@x ",
    "\ninclude a.conf\n",
    "\ninclude {a,b}*.conf\n",
    "\ninclude_check\n",
  ),
  fc.constantFrom(
    "vrrp_instance VI_1 {\n",
    "global_defs {\n",
    "authentication {\n",
    "virtual_server 1 2 {\n",
  ),
  fc.constantFrom(
    "192.0.2.1",
    "192.0.2.2/24",
    "2001:db8::1/64",
    "0",
    "255",
    "0.03",
    "-1",
    "on",
    "eth0",
    "MASTER",
  ),
  fc.constantFrom(...GLOBAL_RULES.keys(), ...INSTANCE_RULES.keys()),
  fc.string({ maxLength: 5 }),
);

const grammarText = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

/** A value that a statement may have, right or wrong. */
const value = fc.oneof(
  fc.integer({ min: -2, max: 300 }).map(String),
  fc.double({ min: 0, max: 50, noNaN: true }).map((number) => number.toFixed(3)),
  fc.constantFrom("on", "off", "MASTER", "BACKUP", "", "eth1", "192.0.2.9", "PASS", "no", "yes", "true"),
);

const statement = fc
  .tuple(fc.constantFrom(...INSTANCE_RULES.keys()), value)
  .map(([keyword, word]) =>
    INSTANCE_RULES.get(keyword)?.kind === "carried" && BLOCKS.has(keyword)
      ? `${keyword} {\n${word}\n}`
      : `${keyword} ${word}`,
  );

const BLOCKS: ReadonlySet<string> = new Set([
  ...["authentication", "unicast_peer", "virtual_ipaddress", "virtual_ipaddress_excluded"],
  ...["track_script", "track_interface", "track_file", "track_process"],
]);

describe("any text", () => {
  it.each([
    ["of any characters", fc.string({ unit: "binary", maxLength: 300 }), 300],
    ["of the grammar's pieces", grammarText, 1000],
  ])("%s gets an answer", async (_name, texts, numRuns) => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const files = { "/etc/keepalived/a.conf": text };
        const reading = await readConf(text, { files, environment: {}, random: () => 0.5 });
        const { mistakes } = checkDocument(reading.document);
        const found = [...reading.problems, ...locateMistakes(mistakes, reading.locate)];
        for (const { message, fix } of found) expect(message !== "" && fix !== "").toBe(true);
      }),
      { numRuns },
    );
  });

  it("is balanced again at the end of an instance, or has an error", async () => {
    await fc.assert(
      fc.asyncProperty(grammarText, async (text) => {
        const { document, problems } = await readConf(
          `vrrp_instance OUTER {\n${text}\n}\nvrrp_instance LAST {\n}\n`,
        );
        const { vrrp_instance: instances } = document as { vrrp_instance: object };
        expect(hasErrors(problems) || Object.hasOwn(instances, "LAST")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("any statements of an instance", () => {
  it("give a document that survives being written as YAML", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { maxLength: 8 }), async (statements) => {
        const { document, notes } = await readConf(withStatements(statements.join("\n")));
        const yaml = readYaml(formatYaml(document, notes, "from a test"));
        expect(yaml.problems).toEqual([]);
        expect(yaml.document).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });

  it("give every mistake that the schema finds a line", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { maxLength: 8 }), async (statements) => {
        const { document, locate } = await readConf(withStatements(statements.join("\n")));
        for (const problem of locateMistakes(checkDocument(document).mistakes, locate)) {
          expect(problem.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
