import { type Alias, type Document, isScalar, type LineCounter, type Node, type Pair, visit } from "yaml";
import type { ConfigProblem } from "./problem.ts";

/** More aliases than a person writes: each one is looked up in the whole document. */
const ALIASES_MAX = 100;

export interface StructureReport {
  readonly problems: readonly ConfigProblem[];
  /** False when the document cannot be turned into plain data. */
  readonly usable: boolean;
}

/** What YAML allows and a configuration does not: keys that are no text or written twice, aliases that lead nowhere. */
export function checkStructure(document: Document.Parsed, lines: LineCounter): StructureReport {
  const problems: ConfigProblem[] = [];
  let usable = true;
  let aliases = 0;
  const report = (node: unknown, finding: Finding) => {
    const { line, col } = lines.linePos((node as Node | null)?.range?.[0] ?? 0);
    const { message, fix } = finding;
    problems.push({
      severity: "error",
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: "",
      message,
      fix,
    });
    usable &&= !finding.fatal;
  };
  visit(document, {
    Map: (_, map) => {
      for (const [key, finding] of keyFindings(map.items, lines)) report(key, finding);
    },
    Alias: (_, alias, ancestors) => {
      aliases += 1;
      const finding = aliases > ALIASES_MAX ? TOO_MANY_ALIASES : aliasFinding(alias, document, ancestors);
      if (finding) report(alias, finding);
      return aliases > ALIASES_MAX ? visit.BREAK : undefined;
    },
  });
  return { problems, usable };
}

interface Finding {
  readonly message: string;
  readonly fix: string;
  readonly fatal: boolean;
}

const TOO_MANY_ALIASES: Finding = {
  message: `there are more than ${ALIASES_MAX} aliases`,
  fix: "write the values out",
  fatal: true,
};

function keyFindings(pairs: readonly Pair[], lines: LineCounter): readonly (readonly [unknown, Finding])[] {
  const seen = new Map<string, unknown>();
  return pairs.flatMap(({ key }): readonly (readonly [unknown, Finding])[] => {
    const value = isScalar(key) ? key.value : undefined;
    if (value === undefined || value === null || value === "") {
      return [[key, { message: "a key is no text", fix: "write the name of an option", fatal: true }]];
    }
    const name = String(value);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, key);
      return [];
    }
    const { line } = lines.linePos((first as Node).range?.[0] ?? 0);
    const shown = JSON.stringify(name.slice(0, 60));
    return [
      [
        key,
        {
          message: `${shown} is written twice, first on line ${line}`,
          fix: "remove one of the two",
          fatal: false,
        },
      ],
    ];
  });
}

function aliasFinding(alias: Alias, document: Document, ancestors: readonly unknown[]): Finding | undefined {
  const target = alias.resolve(document);
  const name = alias.source.slice(0, 60);
  if (target === undefined) {
    return {
      message: `the alias *${name} has no anchor before it`,
      fix: "write the value out, or in quotes",
      fatal: true,
    };
  }
  if (!ancestors.includes(target)) return undefined;
  return { message: `the alias *${name} contains itself`, fix: "write the value out", fatal: true };
}
