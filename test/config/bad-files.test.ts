import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneLine, problemsOf, withOptions } from "./snippets.ts";

describe("a text that is no configuration", { timeout: 60_000 }, () => {
  const ROWS: readonly (readonly [title: string, text: string, ...problems: string[]])[] = [
    [
      "an empty file",
      "",
      "error : the file is empty; write vrrp_instance: with an instance; conf/examples/ has files to start from",
    ],
    [
      "nothing but comments",
      "# to do\n",
      "error : the file is empty; write vrrp_instance: with an instance; conf/examples/ has files to start from",
    ],
    ["a list", "- vrrp_instance\n", "1 error : the file is no map of options; begin it with vrrp_instance:"],
    ["one word", "hello\n", "1 error : the file is no map of options; begin it with vrrp_instance:"],
    [
      "a zero byte",
      "a: 1\nb: \0\n",
      "2 error : the file holds a zero byte, so it is not text; write a YAML file; conf/cloudvip.yaml is one",
    ],
    [
      "a tab in the indentation",
      "vrrp_instance:\n\tVI_1: 1\n",
      "2:1 error : there is a tab in the indentation; indent with spaces",
    ],
    [
      "a bracket that is not closed",
      "vrrp_instance: [\n",
      "2:1 error : the indentation does not fit the lines above, or a bracket is not closed; close every bracket, and give all options of one map the same indentation",
    ],
    [
      "a quote that is not closed",
      'vrrp_instance: "VI\n',
      "2:1 error : a colon, comma, quote or bracket is missing before this; close every quote and bracket, and write a space after a colon",
    ],
    [
      "two options on one line",
      "a: b: c\n",
      "1:4 error : there are two options on one line; write one option per line, or the value in quotes",
    ],
    [
      "an unquoted @",
      "a: @b\n",
      "1:4 error : a value cannot begin with this character unquoted; write the value in quotes",
    ],
    ["a tag", "a: !secret b\n", "1:4 error : the tag is unknown; remove the word that begins with !"],
    [
      "two documents",
      "a: 1\n---\nb: 1\n",
      "2:1 error : the file holds several documents; remove the line --- and what belongs to the other document",
    ],
    ["a list for a key", "? [a]\n: b\n", "1:3 error : a key is no text; write the name of an option"],
    ["a value without a key", ": b\n", "1:1 error : a key is no text; write the name of an option"],
    [
      "an alias without an anchor",
      "a: *b\n",
      "1:4 error : the alias *b has no anchor before it; write the value out, or in quotes",
    ],
    [
      "an alias that contains itself",
      "a: &a [*a]\n",
      "1:8 error : the alias *a contains itself; write the value out",
    ],
    [
      "brackets a hundred thousand deep",
      "[".repeat(100_000),
      "error : lists or maps are nested too deeply; look for a long run of brackets or dashes",
    ],
    [
      "dashes a hundred thousand deep",
      "- ".repeat(100_000),
      "error : lists or maps are nested too deeply; look for a long run of brackets or dashes",
    ],
    ["a bomb of aliases", aliasBomb(), "12:12 error : there are more than 100 aliases; write the values out"],
  ];

  test.each(ROWS)("%s", (_, text, ...problems) => {
    expect(problemsOf(text).map(oneLine)).toEqual(problems);
  });

  /** Ten levels of ten: a billion entries, if aliases were copied. */
  function aliasBomb(): string {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const entries = level === 0 ? "x" : Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ");
      return `a${level}: &a${level} [${entries}]\n`;
    });
    return levels.join("");
  }
});

describe("the outer structure", () => {
  test.each([
    [
      "an option twice",
      withOptions("priority: 1\npriority: 300"),
      '9:5 error : "priority" is written twice, first on line 8; remove one of the two',
      "9:15 error vrrp_instance.VI_1.priority: 300 is above 255; write a whole number from 1 to 255",
    ],
    [
      "an instance twice",
      withOptions("").replace("  VI_1", "  VI_1: {}\n  VI_1"),
      '3:3 error : "VI_1" is written twice, first on line 2; remove one of the two',
    ],
    [
      "no instance",
      "vrrp_instance: {}\n",
      "1:16 error vrrp_instance: there is no instance; write at least one instance with its name as the key, such as VI_1:",
    ],
    [
      "nothing but global_defs",
      "global_defs:\n  router_id: a\n",
      "1:1 error vrrp_instance: is missing; write a map of instances by name, such as VI_1: followed by its options, indented",
    ],
    [
      "an empty list of instances",
      "vrrp_instance:\n",
      "1:1 error vrrp_instance: has no value; write a map of instances by name, such as VI_1: followed by its options, indented",
    ],
    [
      "instances as a list",
      "vrrp_instance:\n  - name: VI_1\n",
      "1:1 error vrrp_instance: a list is not expected here; write a map of instances by name, such as VI_1: followed by its options, indented",
    ],
    [
      "keepalived's way to begin an instance",
      `vrrp_instance VI_0:\n  priority: 1\n${withOptions("")}`,
      '1:1 error vrrp_instance VI_0: there is no option "vrrp_instance VI_0" at the top level; write vrrp_instance: and below it, indented, VI_0:',
    ],
    [
      "a block that cloudvip does not have",
      `bfd_instance:\n  check: {}\n${withOptions("")}`,
      '1:1 error bfd_instance: there is no option "bfd_instance" at the top level; remove it: cloudvip has no such option',
    ],
    [
      "an instance named __proto__",
      `${withOptions("")}  __proto__: { no_virtual_ipaddress: true }\n`,
      "9:3 error vrrp_instance.__proto__: __proto__ is a reserved word of JavaScript; write another name",
    ],
    [
      "an instance whose name is two lines",
      withOptions("").replace("VI_1", '"VI\\n1"'),
      '2:3 error vrrp_instance.VI\n1: "VI\\n1" is no name; write a name of 1 to 64 visible characters',
    ],
    [
      "global options that are wrong",
      `global_defs:\n  router_id: 7\n  control_socket: sock\n  vrrp_version: 2\n  priority: 1\n${withOptions("")}`,
      '2:14 error global_defs.router_id: 7 is a number; write it in quotes: "7"',
      '3:19 error global_defs.control_socket: "sock" is no absolute path; write a path that begins with /',
      '4:3 error global_defs.vrrp_version: there is no option "vrrp_version" here; write version in the instance',
      '5:3 error global_defs.priority: there is no option "priority" here; move it to the instance, below vrrp_instance: NAME:',
    ],
  ])("%s", (_, text, ...problems) => {
    expect(problemsOf(text).map(oneLine)).toEqual(problems);
  });

  test("global_defs with everything commented out is as good as none", () => {
    expect(problemsOf(`global_defs:\n  # router_id: a\n${withOptions("")}`)).toEqual([]);
  });

  test("what is required is named when it is missing", () => {
    expect(
      problemsOf("vrrp_instance:\n  VI_1: {}\n").map(({ path, message }) => `${path} ${message}`),
    ).toEqual([
      "vrrp_instance.VI_1.interface is missing",
      "vrrp_instance.VI_1.virtual_router_id is missing",
      "vrrp_instance.VI_1.unicast_peer there is no peer to send adverts to, and cloudvip never uses multicast",
      "vrrp_instance.VI_1.virtual_ipaddress there is no virtual address",
    ]);
  });
});

describe("whatever the text holds", { timeout: 60_000 }, () => {
  /** Pieces of YAML and of configurations, which meet more of the code than random characters do. */
  const pieces = fc.constantFrom(
    ..."vrrp_instance VI_1 interface unicast_peer virtual_ipaddress advert_int authentication auth_pass checksum".split(
      " ",
    ),
    ...[
      ": ",
      "- ",
      "\n",
      "\n  ",
      "\n    ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&a ",
      "*a",
      "!t ",
      "'",
      '"',
      "|\n",
      ">\n",
      "? ",
      "---\n",
      "%",
      "\t",
    ],
    ...["10.0.0.5", "::1", "51", "1.5", "true", "null", ".inf", "30ms", "__proto__", "<<", "#", "~", "0x10"],
  );

  test("reading ends in a document without errors or in problems that say what and how, and never in an exception", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const problem of problemsOf(text)) {
          expect(problem.message).not.toBe("");
          expect(problem.fix).not.toBe("");
          expect(problem.line ?? 1).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("values of every sort in every option are answered", () => {
    const value = fc.json({ maxDepth: 2 });
    const option = fc.constantFrom(
      "interface",
      "priority",
      "advert_int",
      "unicast_peer",
      "virtual_ipaddress",
      "authentication",
      "checksum",
    );
    fc.assert(
      fc.property(option, value, (name, json) => {
        const text = withOptions("").replace(new RegExp(` {4}${name}:.*\n`), "");
        expect(problemsOf(`${text}    ${name}: ${json}\n`)).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });
});
