import { finishAuthentication } from "./authentication.ts";
import type { DocumentBuilder } from "./document.ts";
import { finishAddresses } from "./finish-addresses.ts";
import { finishAdvertInterval, finishPreemption, finishPriority, finishVersion } from "./finish-election.ts";
import { trackDocument } from "./finish-tracking.ts";
import { finishPeers, finishSource } from "./finish-unicast.ts";
import { effective, type Finishing, put, warn } from "./finishing.ts";
import type { InstanceDraft } from "./instance.ts";
import { programDocument } from "./program-line.ts";
import { STRICT_MODE } from "./reasons.ts";
import type { SettingName } from "./settings.ts";
import type { ProblemLog } from "./source.ts";
import type { FileDraft } from "./top-level.ts";

/**
 * Puts an instance into the document. The statements of a keepalived.conf change what others mean, and keepalived settles that
 * when the file has been read; so does this, and it says where the result is not what the file seems to say.
 */
export function finishInstance(
  draft: InstanceDraft,
  file: FileDraft,
  builder: DocumentBuilder,
  log: ProblemLog,
): void {
  const finishing: Finishing = {
    draft,
    globals: file.globals,
    builder,
    scope: { path: ["vrrp_instance", draft.name], log },
  };
  builder.put(finishing.scope.path, {}, draft.at);
  refuseStrictMode(finishing);
  finishInterface(finishing);
  putOwn(finishing, "virtual_router_id");
  const priority = finishPriority(finishing);
  const version = finishVersion(finishing);
  finishAdvertInterval(finishing, version);
  finishSource(finishing);
  finishPeers(finishing);
  finishChecksum(finishing, version);
  const authentication = finishAuthentication(draft.authentication, version, finishing.scope);
  if (authentication !== undefined) put(finishing, "authentication", authentication);
  finishAddresses(finishing);
  finishTrack(finishing, file);
  finishPreemption(finishing, priority);
  for (const name of COPIED) copy(finishing, name);
  finishLowerPriorityRepeat(finishing);
  finishScripts(finishing);
}

/** Carried over as they are, from the instance or else from `global_defs`. */
const COPIED: readonly SettingName[] = [
  "dont_track_primary",
  "down_timer_adverts",
  "lower_prio_no_advert",
  "higher_prio_send_advert",
  "garp_master_delay",
  "garp_master_repeat",
  "garp_master_refresh",
  "garp_master_refresh_repeat",
  "garp_lower_prio_delay",
  "garp_interval",
];

function copy(finishing: Finishing, name: SettingName): void {
  const setting = effective(finishing, name);
  if (setting !== undefined) put(finishing, name, setting);
}

function putOwn(finishing: Finishing, name: SettingName): void {
  const setting = finishing.draft.settings[name];
  if (setting !== undefined) put(finishing, name, setting);
}

function refuseStrictMode(finishing: Finishing): void {
  const strict = effective(finishing, "strict_mode");
  if (strict?.value !== true) return;
  const { log, path } = finishing.scope;
  log.error(strict.at, { path: [...path, "strict_mode"], message: STRICT_MODE.why, fix: STRICT_MODE.fix });
}

function finishInterface(finishing: Finishing): void {
  const { draft, globals } = finishing;
  if (draft.settings.interface === undefined && globals.defaultInterface !== undefined) {
    const { value } = globals.defaultInterface;
    const message = `there is no interface: keepalived may refuse to start; cloudvip uses default_interface ${value}`;
    warn(finishing, draft, "interface", message, `write interface ${value}`);
    put(finishing, "interface", globals.defaultInterface);
  }
  putOwn(finishing, "interface");
}

function finishChecksum(finishing: Finishing, version: number): void {
  const messageOnly = effective(finishing, "v3_checksum_as_v2");
  if (version !== 3 || messageOnly === undefined) return;
  const send = messageOnly.value ? "rfc9568" : "rfc5798";
  put(finishing, "checksum", { value: { send, accept: "either" }, at: messageOnly.at });
}

function finishTrack(finishing: Finishing, file: FileDraft): void {
  const list = trackDocument(finishing.draft, file);
  const [first] = finishing.draft.tracked;
  if (list && first) put(finishing, "track", { value: list, at: first.at });
}

function finishScripts(finishing: Finishing): void {
  for (const [name, { value, at }] of finishing.draft.scripts) {
    put(finishing, name, { value: programDocument(value, finishing.globals.scriptUser), at });
  }
}

/** keepalived can be told to send none at all; cloudvip sends one at least. */
function finishLowerPriorityRepeat(finishing: Finishing): void {
  const repeat = effective(finishing, "garp_lower_prio_repeat");
  if (repeat === undefined) return;
  put(finishing, "garp_lower_prio_repeat", { value: Math.max(1, repeat.value), at: repeat.at });
  if (repeat.value > 0) return;
  const message = "garp_lower_prio_repeat 0: keepalived sends no gratuitous ARP then; cloudvip sends 1";
  warn(finishing, repeat, "garp_lower_prio_repeat", message, "write 1 or more");
}
