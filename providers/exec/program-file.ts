import { access, constants, stat } from "node:fs/promises";
import { ProviderError } from "../../src/provider/errors.ts";

/**
 * Refuses a program that is missing, not executable, or that somebody else may rewrite: it runs with our rights, which
 * are root's.
 *
 * @throws {ProviderError} kind `misconfigured`
 */
export async function checkProgramFile(path: string): Promise<void> {
  const refuse = (message: string, hint: string) =>
    new ProviderError({ kind: "misconfigured", operation: path, message, hint });
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) throw refuse("there is no such program", "Correct `command` in the provider block.");
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) throw refuse("it is not executable", `chmod 755 ${path}`);
  if ((file.mode & WRITABLE_BY_ALL) !== 0) throw refuse("every user may rewrite it", `chmod o-w ${path}`);
  if (file.uid !== 0 && file.uid !== process.getuid?.()) {
    throw refuse(`it belongs to user ${file.uid}, who could rewrite it`, `chown root ${path}`);
  }
}

const WRITABLE_BY_ALL = 0o002;
