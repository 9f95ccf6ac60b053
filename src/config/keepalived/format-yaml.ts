import { Document, isMap, isPair, isScalar, isSeq, visit } from "yaml";
import type { Note } from "./document.ts";

/** Beyond this a comment goes above its line. */
const LINE_WIDTH = 110;

/** The document as cloudvip YAML for people, with the notes as comments. */
export function formatYaml(document: unknown, notes: readonly Note[], heading: string): string {
  const yaml = new Document(document);
  yaml.commentBefore = ` ${heading}`;
  visit(yaml, {
    // One peer or address per line, also in its long form.
    Map: (_key, map, path) => {
      if (isSeq(path.at(-1))) map.flow = true;
    },
  });
  for (const { path, text } of notes) comment(yaml, path, text);
  return yaml.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true });
}

/** Behind a single value, above a list or map. */
function comment(yaml: Document, path: Note["path"], text: string): void {
  const value = yaml.getIn(path, true);
  if (isScalar(value)) {
    value.comment = ` ${text}`;
    return;
  }
  const parent = yaml.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
    : undefined;
  if (isPair(pair) && isScalar(pair.key)) pair.key.commentBefore = ` ${text}`;
}
