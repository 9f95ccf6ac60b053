/** A word of a rule; one in quotes is a value even where it looks like an option. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Splits a line of iptables-save at its spaces; quotes hold a word together, and a backslash in them takes a quote as it is. */
export function splitWords(line: string): readonly Word[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined
      ? { text: plain ?? "", quoted: false }
      : { text: quoted.replaceAll(/\\(.)/g, "$1"), quoted: true },
  );
}

/** An option with the values that follow it, as in `! --ctstate NEW,RELATED`. */
export interface Option {
  readonly name: string;
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** Groups words into options; a value never begins with a dash unless it is quoted. */
export function groupOptions(words: readonly Word[]): readonly Option[] {
  const options: { name: string; values: string[]; negated: boolean }[] = [];
  let negated = false;
  for (const { text, quoted } of words) {
    if (!quoted && text === "!") negated = true;
    else if (!quoted && /^-{1,2}[a-z]/i.test(text)) {
      options.push({ name: text, values: [], negated });
      negated = false;
    } else options.at(-1)?.values.push(text);
  }
  return options;
}
