import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";

/**
 * Runs a script that the build has compiled, and returns what it exports. Its functions come out of V8's code cache, which takes
 * a third of the work out of a start; a cache of another Node version is ignored. Unlike a module, a script is collected when
 * nobody holds what it exported.
 *
 * @param name a file beside this one: `name.script`, with its cache in `name.script.cache`
 */
export function runCompiled<Exports>(name: string): Exports {
  const url = new URL(`./${name}.script`, import.meta.url);
  const script = new Script(readFileSync(url, "utf8"), {
    filename: url.href,
    cachedData: readCache(new URL(`${url.href}.cache`)),
  });
  const define: ScriptFunction = script.runInThisContext();
  const module = { exports: {} };
  define(module, createRequire(url), url.href);
  return module.exports as Exports;
}

/** What the build's banner and footer make of each script. */
type ScriptFunction = (module: { exports: unknown }, require: NodeJS.Require, scriptUrl: string) => void;

function readCache(url: URL): Buffer | undefined {
  try {
    return readFileSync(url);
  } catch {
    return undefined;
  }
}
