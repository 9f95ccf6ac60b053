import * as z from "zod";
import type { OptionNode } from "./option-tree.ts";

/** A map of options; a provider with several mechanisms has one for each. */
export type OptionForm = OptionNode & { readonly properties: Readonly<Record<string, OptionNode>> };

/** What zod's JSON Schema holds beyond `OptionNode`. */
interface SchemaNode extends OptionNode {
  readonly const?: unknown;
  readonly oneOf?: readonly SchemaNode[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The maps that a provider's schema accepts, with words for what each option expects. */
export function formsOf(schema: z.ZodType): readonly OptionForm[] {
  const node = inWords(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as SchemaNode);
  return [node, ...(node.anyOf ?? [])].filter((form): form is OptionForm => form.properties !== undefined);
}

/** The one form that the options chose, by `mechanism` or whatever tells the forms apart; undefined when none or several. */
export function formFor(
  forms: readonly OptionForm[],
  options: Readonly<Record<string, unknown>>,
): OptionForm | undefined {
  const fitting = forms.filter((form) =>
    fixedOptions(form).every(([name, value]) => Object.hasOwn(options, name) && options[name] === value),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Every option of every form; what tells them apart is a choice. */
export function mergeForms(forms: readonly OptionForm[]): OptionForm {
  const names = new Set(forms.flatMap(({ properties }) => Object.keys(properties)));
  const merged = [...names].map((name): [string, OptionNode] => {
    const nodes = forms.flatMap(({ properties }) => (properties[name] ? [properties[name]] : []));
    const values = [...new Set(nodes.flatMap((node) => node.enum ?? []))];
    return [name, values.length > 1 ? inWords({ type: "string", enum: values }) : (nodes[0] ?? {})];
  });
  return { type: "object", properties: Object.fromEntries(merged) };
}

/** What a form is for, such as `mechanism: route`; undefined when there is nothing to choose. */
export function purposeOf(form: OptionForm): string | undefined {
  return (
    fixedOptions(form)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(", ") || undefined
  );
}

function fixedOptions({ properties }: OptionForm): readonly (readonly [string, unknown])[] {
  return Object.entries(properties).flatMap(([name, node]) =>
    node.enum?.length === 1 ? [[name, node.enum[0]] as const] : [],
  );
}

/** A provider's author describes options for people; what is expected can be told from the schema. */
function inWords(node: SchemaNode): OptionNode {
  const { const: only, oneOf, ...rest } = node;
  const values = only === undefined ? node.enum : [only];
  const forms: readonly SchemaNode[] | undefined = node.anyOf ?? oneOf;
  const expects = node.expects ?? expectation({ ...node, ...(values && { enum: values }) });
  return {
    ...rest,
    ...(values && { enum: values }),
    ...(expects !== undefined && { expects }),
    ...(node.properties && { properties: mapNodes(node.properties) }),
    ...(node.additionalProperties && { additionalProperties: inWords(node.additionalProperties) }),
    ...(node.items && { items: inWords(node.items) }),
    ...(forms && { anyOf: forms.map(inWords) }),
  };
}

function mapNodes(nodes: Readonly<Record<string, SchemaNode>>): Readonly<Record<string, OptionNode>> {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, inWords(node)]));
}

/** Completes "write …"; undefined for text of any kind, which says nothing. */
function expectation(node: SchemaNode): string | undefined {
  if (node.enum) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(", ")}`;
  if (node.format === "uri") return "a URL such as https://api.example.com";
  switch (node.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${rangeInWords(node)}`;
    case "number":
      return `a number${rangeInWords(node)}`;
    case "array":
      return "a list";
    case "object":
      return "a map";
    default:
      return undefined;
  }
}

/** zod gives every whole number the range in which JavaScript counts exactly. */
function rangeInWords({ minimum: min, maximum: max }: SchemaNode): string {
  const low = min === undefined || min <= Number.MIN_SAFE_INTEGER ? "" : String(min);
  const high = max === undefined || max >= Number.MAX_SAFE_INTEGER ? "" : String(max);
  if (low && high) return ` from ${low} to ${high}`;
  if (low) return ` of at least ${low}`;
  return high && ` of at most ${high}`;
}
