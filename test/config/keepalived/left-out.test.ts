import { describe, expect, it } from "vitest";
import { GLOBAL_RULES } from "../../../src/config/keepalived/globals.ts";
import { INSTANCE_RULES } from "../../../src/config/keepalived/instance.ts";
import type { RuleTable } from "../../../src/config/keepalived/rule.ts";
import { opensBlock, TOP_LEVEL_RULES } from "../../../src/config/keepalived/top-level.ts";
import { oneLine, readConf, withStatements } from "./reading.ts";

/** The keywords of a table that are named and nothing else, each as a statement. */
function leftOut<T>(table: RuleTable<T>): readonly (readonly [keyword: string, statement: string])[] {
  const keywords = [...table].filter(([, rule]) => rule.kind === "left-out").map(([keyword]) => keyword);
  return keywords.map((keyword) => [
    keyword,
    opensBlock(keyword) ? `${keyword} x {\nsome thing\n}` : `${keyword} x`,
  ]);
}

describe("what has no counterpart is named with its line", () => {
  it.each(leftOut(GLOBAL_RULES))("global_defs: %s", async (keyword, statement) => {
    const { problems } = await readConf(`global_defs {\n${statement}\n}\n${withStatements("")}`);
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining(`2 warning global_defs.${keyword}: ${keyword} is not carried over: `),
    ]);
  });

  it.each(leftOut(INSTANCE_RULES))("vrrp_instance: %s", async (keyword, statement) => {
    const { problems } = await readConf(withStatements(statement));
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining(`7 warning vrrp_instance.VI_1.${keyword}: ${keyword} is not carried over: `),
    ]);
  });

  it.each(leftOut(TOP_LEVEL_RULES))("top level: %s", async (keyword, statement) => {
    const { problems } = await readConf(`${withStatements("")}${statement}`);
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining(`9 warning ${keyword}: ${keyword} is not carried over: `),
    ]);
  });

  it("takes one line per block, however much is in it", async () => {
    const block =
      "virtual_server 192.0.2.80 80 {\nreal_server 192.0.2.81 80 {\nweight 1\nTCP_CHECK {\n}\n}\n}\n";
    const { problems } = await readConf(block + withStatements("") + block);
    expect(problems.map(({ line, value }) => `${line} ${value}`)).toEqual([
      "1 virtual_server 192.0.2.80 80",
      "16 virtual_server 192.0.2.80 80",
    ]);
  });

  it("takes a word of JavaScript for an unknown keyword", async () => {
    const { problems } = await readConf(withStatements("constructor x\n__proto__ {\ny\n}"));
    expect(problems.map(({ line, severity }) => `${line} ${severity}`)).toEqual(["7 warning", "8 warning"]);
  });
});

describe("options of an address without a counterpart", () => {
  it.each([
    "brd +",
    "broadcast 192.0.2.255",
    "scope link",
    "peer 192.0.2.9",
    "home",
    "noprefixroute",
    "preferred_lft 0",
  ])("%s", async (option) => {
    const { problems } = await readConf(withStatements(`virtual_ipaddress {\n192.0.2.11/24 ${option}\n}`));
    expect(problems.map(oneLine)).toEqual([
      expect.stringContaining(
        `8 warning vrrp_instance.VI_1.virtual_ipaddress: ${option} of 192.0.2.11/24 is not carried over: `,
      ),
    ]);
  });

  it.each(["dev", "nonsense"])("%s is named, too", async (option) => {
    const { problems } = await readConf(withStatements(`virtual_ipaddress {\n192.0.2.11/24 ${option}\n}`));
    expect(problems.map(oneLine)).toEqual([expect.stringMatching(/^8 warning .*keepalived ignores it/)]);
  });
});
