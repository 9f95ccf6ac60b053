import type { ErrorCode, LineCounter, YAMLError } from "yaml";
import type { ConfigProblem } from "./problem.ts";

/** After the first few, syntax errors are consequences of each other. */
const REPORTED_MAX = 5;

/** The YAML package's error codes in an operator's words: what is wrong, and what to write. */
const WORDS: Readonly<Record<ErrorCode, readonly [message: string, fix: string]>> = {
  ALIAS_PROPS: ["an alias has a tag or an anchor of its own", "write the alias alone"],
  BAD_ALIAS: ["the name of an alias or anchor is not complete", "write letters and digits after * or &"],
  BAD_COLLECTION_TYPE: ["the tag does not fit a list or map", "remove the tag"],
  BAD_DIRECTIVE: ["the line that begins with % is no YAML directive", "remove it"],
  BAD_DQ_ESCAPE: [
    "the text in double quotes holds an unknown escape",
    "write \\\\ for a backslash, or use single quotes",
  ],
  BAD_INDENT: [
    "the indentation does not fit the lines above, or a bracket is not closed",
    "close every bracket, and give all options of one map the same indentation",
  ],
  BAD_PROP_ORDER: ["an anchor or tag stands in the wrong place", "write it directly before the value"],
  BAD_SCALAR_START: ["a value cannot begin with this character unquoted", "write the value in quotes"],
  BLOCK_AS_IMPLICIT_KEY: [
    "there are two options on one line",
    "write one option per line, or the value in quotes",
  ],
  BLOCK_IN_FLOW: [
    "an indented list or map stands inside brackets",
    "write { } and [ ] around all of it, or none",
  ],
  DUPLICATE_KEY: ["the option is written twice", "remove one of the two"],
  IMPOSSIBLE: ["this is no YAML", "compare it with conf/cloudvip.yaml"],
  KEY_OVER_1024_CHARS: ["a key has more than 1024 characters", "look for a missing colon"],
  MISSING_CHAR: [
    "a colon, comma, quote or bracket is missing before this",
    "close every quote and bracket, and write a space after a colon",
  ],
  MULTILINE_IMPLICIT_KEY: ["a key goes over several lines", "look for a missing colon on the line above"],
  MULTIPLE_ANCHORS: ["a value has two anchors", "remove one"],
  MULTIPLE_DOCS: [
    "the file holds several documents",
    "remove the line --- and what belongs to the other document",
  ],
  MULTIPLE_TAGS: ["a value has two tags", "remove both"],
  NON_STRING_KEY: ["a key is no text", "write the option's name"],
  RESOURCE_EXHAUSTION: ["lists or maps are nested too deeply", "look for a long run of brackets or dashes"],
  TAB_AS_INDENT: ["there is a tab in the indentation", "indent with spaces"],
  TAG_RESOLVE_FAILED: ["the tag is unknown", "remove the word that begins with !"],
  UNEXPECTED_TOKEN: [
    "there is something that YAML does not expect here",
    "look for a missing quote, comma or line end",
  ],
};

/** What keeps the text from being YAML. The package's own messages may quote the text, and with it a secret. */
export function describeSyntaxErrors(
  errors: readonly YAMLError[],
  lines: LineCounter,
): readonly ConfigProblem[] {
  return errors.slice(0, REPORTED_MAX).map((error) => {
    const [message, fix] = WORDS[error.code];
    const { line, col } = lines.linePos(error.pos[0]);
    return { severity: "error", line: Math.max(1, line), column: Math.max(1, col), path: "", message, fix };
  });
}
