/**
 * Bundles what runs in production: a file or two to read instead of some hundred, and of each library only what is used. That
 * takes a third of the time from exec to listening. Types are checked apart (`npm run check`).
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { build } from "esbuild";

const OUT = "dist/src";

const shared = {
  outdir: OUT,
  // All in one directory: a worker's file is found beside whichever file starts it.
  entryNames: "[name]",
  bundle: true,
  platform: "node",
  target: "node20",
  // Native code, and an SDK that is loaded file by file.
  external: ["koffi", "raw-socket", "@huaweicloud/*"],
  logLevel: "warning",
};

/** See `src/commands/compiled.ts`. */
const scripts = {
  agent: "src/commands/run.ts",
  "read-config": "src/commands/read-config.ts",
};

/** Each a file or more; what several of these use is in files of its own. */
const modules = {
  "command-line": "src/cli.ts",
  "service-worker": "src/service/service-worker.ts",
  // An entry of its own because the tests drive it as it is installed.
  "service-thread": "src/service/service-thread.ts",
  // What a provider of a third party imports: `cloudvip/provider/contract` and `cloudvip/provider/errors`.
  contract: "src/provider/contract.ts",
  errors: "src/provider/errors.ts",
  // Programs of their own that nothing imports. `cloudvip demo` starts the first when it finds it beside itself.
  "demo-cloud": "test/cloud/aws/demo.ts",
  "emulated-aws": "test/cloud/aws/main.ts",
  "emulated-huaweicloud": "test/cloud/huaweicloud/main.ts",
};

/** Each one file: looking for a file takes longer than reading it. */
const small = {
  cli: "src/main.ts",
  "config-worker": "src/commands/config-worker.ts",
  "side-main": "src/agent/side-main.ts",
};

/** Leaves the command line, which the program loads where it is needed, to the other modules. */
const commandLineApart = {
  name: "command-line-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/cli\.ts$/ }, () => ({ path: "./command-line.js", external: true }));
  },
};

/**
 * Writes the keys of the SDK's schemas out. A bundler cannot know that `{ [_xN]: … }` has no effect, and would keep the schemas of
 * all 700 operations for it.
 */
const plainSchemaKeys = {
  name: "plain-schema-keys",
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/client-ec2\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const texts = new Map(
        [...text.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, value]) => [name, value]),
      );
      return { contents: text.replaceAll(/\[(_\w+)\]:/g, (_, name) => `${texts.get(name) ?? `[${name}]`}:`) };
    });
  },
};

/** CommonJS packages inside a module ask for Node's modules. */
const moduleBanner =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);';

rmSync(OUT, { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: scripts,
  outExtension: { ".js": ".script" },
  format: "cjs",
  banner: { js: "(function (module, require, scriptUrl) {" },
  footer: { js: "})" },
  define: { "import.meta.url": "scriptUrl" },
});
await build({
  ...shared,
  entryPoints: small,
  format: "esm",
  banner: { js: moduleBanner },
  plugins: [commandLineApart],
});
await build({
  ...shared,
  entryPoints: modules,
  format: "esm",
  // In the SDK's ECMAScript form what is not used can be left out.
  mainFields: ["module", "main"],
  plugins: [plainSchemaKeys],
  banner: { js: moduleBanner },
  chunkNames: "[name]-[hash]",
  splitting: true,
});
chmodSync(`${OUT}/cli.js`, 0o755);
await compile("agent", () => {});
await compile("read-config", async ({ readConfig }) => {
  const host = { links: [], addresses: [] };
  for (const example of readdirSync("conf/examples"))
    await readConfig({ path: `conf/examples/${example}`, host });
});

/** Writes V8's code cache of a script: what it compiled until `use` was through, functions that ran included. */
async function compile(name, use) {
  const filename = resolve(OUT, `${name}.script`);
  const script = new Script(readFileSync(filename, "utf8"), { filename });
  const module = { exports: {} };
  script.runInThisContext()(module, createRequire(filename), pathToFileURL(filename).href);
  await use(module.exports);
  writeFileSync(`${filename}.cache`, script.createCachedData());
}
