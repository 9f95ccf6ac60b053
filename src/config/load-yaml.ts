import { Composer, type Document, isMap, isScalar, LineCounter, Parser, YAMLParseError } from "yaml";
import { invariant } from "../base/invariant.ts";
import { type SourceReading, unreadable } from "./source.ts";
import { isNestedTooDeeply } from "./yaml-depth.ts";
import { yamlLocator } from "./yaml-locate.ts";
import { checkStructure } from "./yaml-structure.ts";
import { describeSyntaxErrors } from "./yaml-syntax.ts";

/** Reads YAML 1.2 text. Whatever the text holds, the answer is a document or at least one problem, never an exception. */
export function readYaml(text: string): SourceReading {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = text.slice(0, nul).split("\n").length;
    return unreadable(
      "the file holds a zero byte, so it is not text",
      "write a YAML file; conf/cloudvip.yaml is one",
      line,
    );
  }
  return parse(text);
}

/** As the package's `parseDocument`, but with a look at the depth between its two steps. */
function parse(text: string): SourceReading {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (isNestedTooDeeply(tokens)) {
    return unreadable("lists or maps are nested too deeply", "look for a long run of brackets or dashes");
  }
  // `checkStructure` finds duplicate keys: the package compares each key with all others, minutes of work on odd files.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: "error" });
  const [document, another] = composer.compose(tokens, true, text.length);
  invariant(document !== undefined, "the package makes an empty document of an empty text");
  const syntax = [...document.errors, ...(another ? [tooMany(another)] : []), ...document.warnings];
  if (syntax.length > 0) {
    return { document: undefined, problems: describeSyntaxErrors(syntax, lines), locate: () => undefined };
  }
  const contents = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return unreadable(
      "the file is empty",
      "write vrrp_instance: with an instance; conf/examples/ has files to start from",
    );
  }
  if (!isMap(contents)) return unreadable("the file is no map of options", "begin it with vrrp_instance:", 1);
  return fromMap(document, lines);
}

function tooMany(another: Document.Parsed): YAMLParseError {
  return new YAMLParseError([another.range[0], another.range[1]], "MULTIPLE_DOCS", "");
}

function fromMap(document: Document.Parsed, lines: LineCounter): SourceReading {
  const { problems, usable } = checkStructure(document, lines);
  if (!usable) return { document: undefined, problems, locate: () => undefined };
  // Without the package's own limit: aliases share one object, so that nothing grows, and their number is limited above.
  return { document: document.toJS({ maxAliasCount: -1 }), problems, locate: yamlLocator(document, lines) };
}
