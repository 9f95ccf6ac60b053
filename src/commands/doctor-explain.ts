import { OperatorError } from "../base/errors.ts";
import { CHECKS } from "../doctor/catalogue.ts";
import { builtInCloudChecks } from "../doctor/cloud/clouds.ts";
import { explainCheck, listChecks } from "./doctor-view.ts";
import { EXIT } from "./exit-codes.ts";
import { type Output, styleOf } from "./output.ts";

/**
 * Tells the background of one check; lists all of them when none is named.
 *
 * @throws {OperatorError} `doctor/no-such-check`
 */
export async function explain(code: string | undefined, out: Output = process.stdout): Promise<number> {
  const checks = [...CHECKS, ...(await builtInCloudChecks())];
  const check = checks.find((one) => one.code === code);
  if (code !== undefined && !check) throw noSuchCheck(code, checks);
  out.write(check ? explainCheck(check, styleOf(out)) : listChecks(checks));
  return EXIT.ok;
}

export function noSuchCheck(code: string, checks: readonly { readonly code: string }[]): OperatorError {
  return new OperatorError({
    code: "doctor/no-such-check",
    message: `there is no check ${code}`,
    hint: `write one of ${checks.map((one) => one.code).join(", ")}`,
  });
}
