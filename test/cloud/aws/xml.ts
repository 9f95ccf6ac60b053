/** A tree to print: a list becomes `<item>` elements, undefined leaves its element out, an empty list prints `<x/>`. */
export type XmlValue = string | number | boolean | undefined | readonly XmlValue[] | XmlObject;
export interface XmlObject {
  readonly [element: string]: XmlValue;
}

export function renderXml(element: string, value: XmlValue, attributes = ""): string {
  if (value === undefined) return "";
  const inner = renderInner(value);
  const open = attributes ? `${element} ${attributes}` : element;
  return inner === "" ? `<${open}/>` : `<${open}>${inner}</${element}>`;
}

function renderInner(value: Exclude<XmlValue, undefined>): string {
  if (typeof value !== "object") return escapeXml(String(value));
  if (isList(value)) return value.map((item) => renderXml("item", item)).join("");
  return Object.entries(value)
    .map(([name, child]) => renderXml(name, child))
    .join("");
}

function isList(value: readonly XmlValue[] | XmlObject): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
