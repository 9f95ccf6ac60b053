import { providerShape } from "./schema-provider.ts";
import { isMap } from "./value.ts";

/** What a `provider` block says to the provider alone. */
export interface ProviderBlock {
  readonly instance: string;
  /** A built-in name, an npm package, or the path of a module. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The `provider` blocks whose provider is known, whatever else is wrong with the document. */
export function providerBlocks(document: unknown): readonly ProviderBlock[] {
  const instances = isMap(document) ? document["vrrp_instance"] : undefined;
  if (!isMap(instances)) return [];
  return Object.entries(instances).flatMap(([instance, options]) => {
    const block = isMap(options) ? options["provider"] : undefined;
    const name = isMap(block) ? providerShape.name.safeParse(block["name"]) : undefined;
    return isMap(block) && name?.success ? [{ instance, name: name.data, options: ownOptions(block) }] : [];
  });
}

/** The options of a block that are not the same for every provider. */
export function ownOptions(block: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(block).filter(([name]) => !Object.hasOwn(providerShape, name)));
}
