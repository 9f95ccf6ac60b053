import { block, leftOut, line, type Reason, type Rule } from "./rule.ts";
import type { Scope, Setting } from "./settings.ts";
import type { Statement } from "./statement.ts";
import { readOnOff } from "./values.ts";

/** Who is told by mail, as `global_defs` says it. */
export interface MailDraft {
  /** The place of the first `notification_email`. */
  at?: Setting<true>;
  readonly to: Setting<string>[];
  from?: Setting<string>;
  server?: Setting<{ readonly host: string; readonly port: string | undefined }>;
  /** `smtp_alert` and `smtp_alert_vrrp`: for those that do not say it themselves. */
  alert?: Setting<boolean>;
}

interface HasMail {
  readonly mail: MailDraft;
}

/** An instance or a sync group that may ask for mail, or forbid it. */
interface HasAlert {
  alert?: Setting<boolean>;
}

const OWN_NAME: Reason = { why: "cloudvip greets a mail server with the name of its host", fix: "remove it" };
const OWN_PATIENCE: Reason = {
  why: "cloudvip waits 15 s for a mail server, and tries again later",
  fix: "remove it",
};
const MAILED_FAULTS: Reason = {
  why: "cloudvip tells faults like every other change",
  fix: "write min_severity into the channel that `cloudvip import` makes",
};

/** The mail of `global_defs`. */
export const MAIL_RULES: Readonly<Record<string, Rule<HasMail>>> = {
  notification_email: block([0, 0], (statement, { mail }) => {
    mail.at ??= { value: true, at: statement.at };
    for (const { words, at } of statement.block ?? []) {
      for (const value of words) mail.to.push({ value, at });
    }
  }),
  notification_email_from: line([1, 1], ({ words: [, value = ""], at }, { mail }) => {
    mail.from = { value, at };
  }),
  smtp_server: line([1, 2], ({ words: [, host = "", port], at }, { mail }) => {
    mail.server = { value: { host, port }, at };
  }),
  smtp_alert: line([0, 1], readGlobalAlert),
  smtp_alert_vrrp: line([0, 1], readGlobalAlert),
  smtp_helo_name: leftOut(OWN_NAME),
  smtp_connect_timeout: leftOut(OWN_PATIENCE),
  email_faults: leftOut(MAILED_FAULTS),
  no_email_faults: leftOut(MAILED_FAULTS),
};

/** `smtp_alert` of an instance or a sync group. */
export const ALERT_RULE: Rule<HasAlert> = line([0, 1], (statement, draft, scope) => {
  const value = readOnOff(statement, scope);
  if (value !== undefined) draft.alert = { value, at: statement.at };
});

function readGlobalAlert(statement: Statement, { mail }: HasMail, scope: Scope): void {
  const value = readOnOff(statement, scope);
  if (value !== undefined) mail.alert = { value, at: statement.at };
}
