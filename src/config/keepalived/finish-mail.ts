import type { DocumentBuilder } from "./document.ts";
import type { ProblemLog } from "./source.ts";
import type { FileDraft } from "./top-level.ts";

/** keepalived's own defaults. */
const [LOCAL_SERVER, SMTP_PORT] = ["127.0.0.1", "25"];
const CHANNEL = "notification_email";

/** Makes a channel of the mail that the file asks for; keepalived knows one server, and neither encryption nor login. */
export function finishMail(
  file: FileDraft,
  builder: DocumentBuilder,
  { log, hostName }: { readonly log: ProblemLog; readonly hostName: string },
): void {
  const { mail } = file.globals;
  const asking = subjects(file);
  const [recipient] = mail.to;
  const place = mail.at?.at;
  if (!recipient || !place) {
    const alert = asking.find(({ alert: one }) => one?.value)?.alert ?? mail.alert;
    if (!alert?.value) return;
    const message = "smtp_alert asks for mail to nobody: keepalived sends none, and so does cloudvip";
    log.warn(alert.at, { path: ["smtp_alert"], message, fix: "write notification_email in global_defs" });
    return;
  }
  const mailed = asking.filter(({ alert }) => (alert ?? mail.alert)?.value === true);
  if (mailed.length === 0) {
    const message = "nothing asks for mail: without smtp_alert keepalived sends none, and so does cloudvip";
    const fix = "write smtp_alert in global_defs, or remove the addresses";
    log.warn(place, { path: ["global_defs", CHANNEL], message, fix });
    return;
  }
  const path = ["notify", "channels", CHANNEL];
  const { host, port = SMTP_PORT } = mail.server?.value ?? { host: LOCAL_SERVER };
  const serverAt = mail.server?.at ?? place;
  const local = host === "localhost" || /^(127\.|::1$)/.test(host);
  builder.put(path, {}, place);
  builder.put([...path, "type"], "smtp", place);
  builder.put([...path, "server"], host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, serverAt);
  builder.put([...path, "tls"], "none", serverAt);
  if (local) builder.put([...path, "allow_loopback"], true, serverAt);
  builder.put([...path, "from"], mail.from?.value ?? `keepalived@${hostName}`, mail.from?.at ?? place);
  builder.put(
    [...path, "to"],
    mail.to.map(({ value }) => value),
    recipient.at,
  );
  builder.put([...path, "min_severity"], "info", place);
  if (mailed.length < asking.length) {
    builder.put(
      [...path, "instances"],
      mailed.map(({ name }) => name),
      place,
    );
  }
}

/** What changes its state as a whole. As in keepalived, what an instance of a group says itself counts for it. */
function subjects({ instances, syncGroups }: FileDraft) {
  const groups = [...syncGroups.values()];
  const groupOf = (name: string) => groups.find(({ members }) => members.some(({ value }) => value === name));
  return [
    ...groups,
    ...[...instances.values()].map(({ name, alert }) => ({ name, alert: alert ?? groupOf(name)?.alert })),
  ];
}
