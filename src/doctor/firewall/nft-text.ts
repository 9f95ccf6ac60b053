/** What nft says in its text only, by `FAMILY TABLE CHAIN` and `FAMILY TABLE CHAIN HANDLE`. */
export interface NftText {
  readonly devices: ReadonlyMap<string, readonly string[]>;
  readonly rules: ReadonlyMap<string, string>;
}

/** Reads `nft -a -n list ruleset`, line by line. A rule with a long set goes over several lines, and ends with its handle. */
export function readNftText(text: string): NftText {
  const devices = new Map<string, readonly string[]>();
  const rules = new Map<string, string>();
  let table = "";
  let chain = "";
  let rule = "";
  for (const line of text.split("\n")) {
    const opening = /^\t?(table|chain) (.+) \{/.exec(line);
    if (opening?.[1] === "table") table = opening[2] ?? "";
    if (opening) chain = opening[1] === "chain" ? `${table} ${opening[2]}` : "";
    else if (line === "\t}") chain = "";
    else if (chain === "") continue;
    const hooked = /^\t\ttype \w+ hook \w+ devices? (.+?) priority /.exec(line)?.[1];
    if (hooked)
      devices.set(
        chain,
        [...hooked.matchAll(/[^\s,"{}=]+/g)].map(([device]) => device),
      );
    rule = line.startsWith("\t\ttype ") || opening ? "" : `${rule} ${line.trim()}`;
    const [, written, handle] = /^ (.+) # handle (\d+)$/.exec(rule) ?? [];
    if (written === undefined) continue;
    rules.set(`${chain} ${handle}`, written);
    rule = "";
  }
  return { devices, rules };
}
