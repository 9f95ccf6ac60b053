import { messageOf, OperatorError } from "../base/errors.ts";
import { configError, type Mistake } from "../config/mistake.ts";
import type { ProviderBlock } from "../config/provider-block.ts";
import { providerOptionMistakes, providerPath } from "../config/provider-options.ts";
import { closest } from "../config/suggest.ts";
import type { ProviderDefinition } from "../provider/contract.ts";
import { BUILT_IN_PROVIDERS, loadProvider } from "../provider/registry.ts";

/** A module that waits for something while it is loaded might wait for ever. */
const LOAD_DEADLINE_MS = 10_000;

/**
 * Asks each provider about the options that only it understands. The modules are loaded for that, but nothing is created, and no
 * cloud is asked.
 */
export async function providerMistakes(
  blocks: readonly ProviderBlock[],
  deadlineMs = LOAD_DEADLINE_MS,
): Promise<readonly Mistake[]> {
  const mistakes = await Promise.all(blocks.map((block) => mistakesOf(block, deadlineMs)));
  return mistakes.flat();
}

async function mistakesOf(block: ProviderBlock, deadlineMs: number): Promise<readonly Mistake[]> {
  const atName = [...providerPath(block.instance), "name"];
  let definition: ProviderDefinition;
  try {
    definition = await within(deadlineMs, loadProvider(block.name));
  } catch (error) {
    return [{ ...configError(atName, ...whyNotLoaded(block.name, error)), value: block.name }];
  }
  try {
    return providerOptionMistakes(block, definition.options, manualOf(block.name));
  } catch (error) {
    const message = `the provider ${block.name} fails to check its options: ${messageOf(error)}`;
    return [configError(atName, message, "report it to its authors: `options` must be a schema of zod 4")];
  }
}

/** Rejects when the deadline passes first; the timer also keeps the process alive while a module waits for nothing. */
async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not loaded after ${deadlineMs / 1000} s`)), deadlineMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A name that leads nowhere is the operator's mistake, a module that fails its author's. */
function whyNotLoaded(name: string, error: unknown): readonly [message: string, fix: string] {
  // Whatever a module throws is the cause, `null` and `undefined` included.
  const fromModule = error instanceof Error && Object.hasOwn(error, "cause");
  if (error instanceof OperatorError && !fromModule) return [error.message, error.hint];
  const cause = fromModule ? error.cause : error;
  if (isNotFound(name, cause)) {
    const meant = closest(name, BUILT_IN_PROVIDERS);
    const others = `${BUILT_IN_PROVIDERS.join(", ")}, an installed npm package, or the absolute path of a module`;
    return [`there is no provider ${name}`, meant ? `did you mean ${meant}?` : `write one of ${others}`];
  }
  return [
    `the provider ${name} fails while it is loaded: ${messageOf(cause)}`,
    "mend that module, or write another provider",
  ];
}

/** The module itself is missing, not one that it imports. */
function isNotFound(name: string, cause: unknown): boolean {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && messageOf(cause).includes(`${name}'`);
}

function manualOf(name: string): string {
  return BUILT_IN_PROVIDERS.includes(name) ? `providers/${name}/README.md` : `the documentation of ${name}`;
}
