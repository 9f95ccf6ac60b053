import type { Reason } from "./rule.ts";
import { line, type RuleTable, ruleTable } from "./rule.ts";
import type { Scope, Setting } from "./settings.ts";

/** An `authentication` block as it was written. The password is never shown. */
export interface AuthenticationDraft {
  type?: Setting<string>;
  pass?: Setting<string>;
}

/** What the document says; undefined when keepalived sends no password. */
export interface Authentication {
  readonly auth_type: "PASS";
  readonly auth_pass: string;
}

export const AUTHENTICATION_RULES: RuleTable<AuthenticationDraft> = ruleTable<AuthenticationDraft>({
  auth_type: line([1, 1], (statement, draft) => {
    draft.type = { value: statement.words[1] ?? "", at: statement.at };
  }),
  auth_pass: line([1, 1], (statement, draft) => {
    draft.pass = { value: statement.words[1] ?? "", at: statement.at };
  }),
});

/** RFC 2338 §5.3.6.1: the field has 8 bytes, and keepalived cuts what is longer. */
const AUTH_PASS_BYTES = 8;

const NO_PASSWORD: Reason = {
  why: "keepalived sends no password then, and neither does cloudvip",
  fix: "write auth_type PASS and auth_pass, the same on every node, or remove the block",
};

/** The password that keepalived would really use in VRRP `version`. */
export function finishAuthentication(
  draft: AuthenticationDraft,
  version: number,
  scope: Scope,
): Setting<Authentication> | undefined {
  const { type, pass } = draft;
  const at = type?.at ?? pass?.at;
  if (at === undefined) return undefined;
  const path = [...scope.path, "authentication"];
  const without = (message: string, { why, fix } = NO_PASSWORD): undefined => {
    scope.log.warn(at, { path, message: `${message}: ${why}`, fix });
    return undefined;
  };
  if (version === 3) return without("VRRP version 3 has no authentication", IGNORED_IN_V3);
  if (type?.value === "AH") {
    scope.log.error(type.at, { path, message: AH.why, fix: AH.fix });
    return undefined;
  }
  if (type === undefined) return without("auth_pass has no auth_type beside it");
  if (type.value !== "PASS") return without(`"${type.value}" is no auth_type`);
  if (pass === undefined || pass.value === "") return without("auth_type PASS has no auth_pass beside it");
  const auth_pass = cutPassword(pass, path, scope);
  return auth_pass === undefined ? undefined : { value: { auth_type: "PASS", auth_pass }, at: pass.at };
}

const IGNORED_IN_V3: Reason = {
  why: "keepalived ignores the block, and so does cloudvip",
  fix: "remove the block, or write version 2 on every node",
};

const AH: Reason = {
  why: "auth_type AH is not supported: the peers would refuse every advert, and two nodes would be MASTER",
  fix: "write auth_type PASS on every node, or remove the block on every node",
};

function cutPassword(pass: Setting<string>, path: Scope["path"], scope: Scope): string | undefined {
  const bytes = Buffer.from(pass.value);
  if (!/^[\x20-\x7e]*$/.test(pass.value)) {
    scope.log.error(pass.at, {
      path,
      message: "the password holds characters beyond ASCII, whose bytes depend on how the file was saved",
      fix: `write 1 to ${AUTH_PASS_BYTES} ASCII characters, the same on every node`,
    });
    return undefined;
  }
  if (bytes.length > AUTH_PASS_BYTES) {
    scope.log.warn(pass.at, {
      path,
      message: `the password has ${bytes.length} bytes: keepalived uses the first ${AUTH_PASS_BYTES}, and so does cloudvip`,
      fix: `write ${AUTH_PASS_BYTES} bytes at most`,
    });
  }
  return pass.value.slice(0, AUTH_PASS_BYTES);
}
