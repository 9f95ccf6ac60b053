import { pathToFileURL } from "node:url";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { ProviderDefinition } from "./contract.ts";

/** The providers that come with cloudvip. Each is loaded only where it is configured, and only in the service thread. */
const BUILT_IN: Readonly<Record<string, () => Promise<{ readonly provider: ProviderDefinition }>>> = {
  aws: () => import("../../providers/aws/provider.ts"),
  exec: () => import("../../providers/exec/provider.ts"),
  huaweicloud: () => import("../../providers/huaweicloud/provider.ts"),
};

export const BUILT_IN_PROVIDERS: readonly string[] = Object.keys(BUILT_IN);

/**
 * Loads a provider by its built-in name, as an npm package, or as a file (an absolute path).
 *
 * @throws {OperatorError} `provider/unknown` or `provider/not-one`
 */
export async function loadProvider(name: string): Promise<ProviderDefinition> {
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  const module: unknown = await (builtIn ? builtIn() : import(specifierOf(name))).catch((cause: unknown) => {
    throw new OperatorError(
      {
        code: "provider/unknown",
        message: `the provider ${name} cannot be loaded: ${messageOf(cause)}`,
        hint: `write one of ${BUILT_IN_PROVIDERS.join(", ")}, an installed npm package, or the absolute path of a module`,
      },
      { cause },
    );
  });
  const provider = (module as { readonly provider?: unknown }).provider;
  if (isDefinition(provider)) return provider;
  throw new OperatorError({
    code: "provider/not-one",
    message: `${name} exports no provider`,
    hint: "a provider module exports `provider`, made with defineProvider",
  });
}

function specifierOf(name: string): string {
  return name.startsWith("/") ? pathToFileURL(name).href : name;
}

function isDefinition(value: unknown): value is ProviderDefinition {
  const candidate = value as Partial<ProviderDefinition> | undefined;
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    typeof candidate.create === "function" &&
    typeof candidate.kindOf === "function" &&
    typeof candidate.options?.safeParse === "function"
  );
}
