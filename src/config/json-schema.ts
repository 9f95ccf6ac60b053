import { type OptionNode, optionTree } from "./option-tree.ts";

/** The JSON Schema for editors, `conf/cloudvip.schema.json`: the prose goes where editors show it, in the descriptions. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(forEditors(optionTree()), null, 2)}\n`;
}

function forEditors(node: OptionNode): object {
  const { description, why, expects, ifEmpty, defaultText, example, ...schema } = node;
  const prose = [description, why, defaultText && `Default: ${defaultText}.`].filter(Boolean).join(" ");
  return {
    ...(prose && { description: prose }),
    ...schema,
    ...(example !== undefined && { examples: [example] }),
    ...(node.properties && { properties: mapValues(node.properties) }),
    ...(node.additionalProperties && { additionalProperties: forEditors(node.additionalProperties) }),
    ...(node.items && { items: forEditors(node.items) }),
    ...(node.anyOf && { anyOf: node.anyOf.map(forEditors) }),
    ...(node.propertyNames && { propertyNames: forEditors(node.propertyNames) }),
  };
}

function mapValues(nodes: Readonly<Record<string, OptionNode>>): object {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, forEditors(node)]));
}
