import * as z from "zod";
import type { DocumentPath } from "./problem.ts";
import { configSchema } from "./schema.ts";

/** One node of the JSON Schema that the zod schema becomes, with the prose of `OptionText` still on it. */
export interface OptionNode {
  readonly title?: string;
  readonly description?: string;
  readonly why?: string;
  /** Completes "write …". */
  readonly expects?: string;
  /** What is wrong when a required list is missing or empty. */
  readonly ifEmpty?: string;
  readonly defaultText?: string;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, OptionNode>>;
  readonly additionalProperties?: OptionNode | false;
  readonly propertyNames?: OptionNode;
  readonly items?: OptionNode;
  readonly anyOf?: readonly OptionNode[];
  readonly required?: readonly string[];
}

let documentTree: OptionNode | undefined;

/** The schema as data. Only mistakes and the generated files need it, so a start with a good file does not pay for it. */
export function optionTree(): OptionNode {
  documentTree ??= z.toJSONSchema(configSchema, { io: "input" }) as OptionNode;
  return documentTree;
}

/** What is checked, as data, and the file that describes it for people. */
export interface Manual {
  readonly tree: OptionNode;
  readonly file: string;
  /** What to call the outermost map, such as `at the top level`. */
  readonly outermost: string;
}

/** The manual of a whole file; a provider's options have their own. */
export function documentManual(): Manual {
  return { tree: optionTree(), file: "conf/cloudvip.yaml", outermost: "at the top level" };
}

/** The option at a path of what `tree` describes, the document unless told; undefined where there is none. */
export function optionAt(path: DocumentPath, tree = optionTree()): OptionNode | undefined {
  return path.reduce<OptionNode | undefined>((node, part) => node && childOf(node, part), tree);
}

/** The options that a map at `path` may hold. */
export function optionNamesAt(path: DocumentPath, tree = optionTree()): readonly string[] {
  const node = optionAt(path, tree);
  return Object.keys((node && mapForm(node)?.properties) ?? {});
}

/** Of an option that may be written in several ways, the way that is a map. */
export function mapForm(node: OptionNode): OptionNode | undefined {
  return [node, ...(node.anyOf ?? [])].find((form) => form.type === "object");
}

function childOf(node: OptionNode, part: string | number): OptionNode | undefined {
  if (typeof part === "number") return node.items;
  const map = mapForm(node);
  if (map?.properties && Object.hasOwn(map.properties, part)) return map.properties[part];
  return map?.additionalProperties || undefined;
}
