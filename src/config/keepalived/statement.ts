import type { LogicalLine } from "./preprocessor.ts";
import type { Position, ProblemLog } from "./source.ts";
import { words } from "./tokens.ts";

/** One statement with the block that it opens. */
export interface Statement {
  /** The keyword first; at least one word, perhaps an empty one. */
  readonly words: readonly string[];
  /** The whole line, for what knows escapes. */
  readonly text: string;
  readonly at: Position;
  /** The statements between its braces; undefined without braces. */
  readonly block: readonly Statement[] | undefined;
}

interface OpenStatement {
  readonly words: readonly string[];
  readonly text: string;
  readonly at: Position;
  block: OpenStatement[] | undefined;
}

/**
 * Arranges logical lines in blocks. A block whose keyword is not known keeps its braces together like any other, so what
 * stands in it is never mistaken for a setting of the block around it.
 *
 * @param opensBlock whether a keyword always opens a block, so that its brace is missed when it is not there
 */
export function parseStatements(
  lines: readonly LogicalLine[],
  opensBlock: (keyword: string) => boolean,
  log: ProblemLog,
): readonly Statement[] {
  const parser = new Parser(opensBlock, log);
  for (const line of lines) parser.take(line);
  return parser.finish();
}

class Parser {
  readonly #opensBlock: (keyword: string) => boolean;
  readonly #log: ProblemLog;
  readonly #top: OpenStatement[] = [];
  readonly #open: { readonly opener: OpenStatement; readonly outer: OpenStatement[] }[] = [];
  #current = this.#top;
  /** The statement that a `{` would belong to. */
  #last: OpenStatement | undefined;

  constructor(opensBlock: (keyword: string) => boolean, log: ProblemLog) {
    this.#opensBlock = opensBlock;
    this.#log = log;
  }

  take({ text, at }: LogicalLine): void {
    if (text === "{") {
      this.#enter(at);
      return;
    }
    this.#requireBrace();
    if (text === "}") {
      this.#leave(at);
    } else {
      this.#last = { words: words(text), text, at, block: undefined };
      this.#current.push(this.#last);
    }
  }

  finish(): readonly Statement[] {
    this.#requireBrace();
    for (const { opener } of this.#open) {
      this.#log.error(opener.at, {
        message: `the block of "${opener.words[0]}" is never closed`,
        fix: 'write "}" where it ends',
      });
    }
    return this.#top;
  }

  #enter(at: Position): void {
    const opener = this.#last;
    if (opener === undefined) {
      this.#log.error(at, {
        message: '"{" follows no keyword',
        fix: 'remove the "{", or write what it belongs to',
      });
      return;
    }
    opener.block = [];
    this.#open.push({ opener, outer: this.#current });
    this.#current = opener.block;
    this.#last = undefined;
  }

  #leave(at: Position): void {
    const closed = this.#open.pop();
    if (closed === undefined)
      this.#log.error(at, { message: 'there is one "}" too many', fix: 'remove the "}"' });
    else this.#current = closed.outer;
    this.#last = undefined;
  }

  /** keepalived takes the lines that follow for the block's all the same, and so do we after the complaint. */
  #requireBrace(): void {
    const last = this.#last;
    const keyword = last?.words[0];
    if (last === undefined || keyword === undefined || !this.#opensBlock(keyword)) return;
    this.#log.error(last.at, {
      message: `"${keyword}" opens no block`,
      fix: `write "{" behind "${keyword}"`,
    });
    this.#enter(last.at);
  }
}
