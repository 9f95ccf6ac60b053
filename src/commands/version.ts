import { readFileSync } from "node:fs";

/** Of the package that this file was built into. */
export function installedVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return version;
}
