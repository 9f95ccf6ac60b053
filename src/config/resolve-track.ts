import type { InstanceConfig } from "./config.ts";
import { HOOK_NAMES, type HookName, type HooksConfig, type StateActions } from "./hooks-config.ts";
import type { ProgramConfig } from "./program.ts";
import type { InstanceDocument, TrackerDocument } from "./schema.ts";
import type { CheckConfig, TrackConfig, TrackerConfig } from "./track-config.ts";

type TrackerDocuments = Readonly<Record<string, TrackerDocument>>;

/** The trackers that an instance mentions; what nobody asks for is not looked at. */
export function resolveTrackers(
  documents: TrackerDocuments,
  instances: readonly Pick<InstanceConfig, "track">[],
): readonly TrackerConfig[] {
  const wanted = new Set(instances.flatMap(({ track }) => track.map(({ name }) => name)));
  return Object.entries(documents).flatMap(([name, document]) => {
    const check = checkOf(document);
    return wanted.has(name) && check ? [resolveTracker(name, document, check)] : [];
  });
}

export function resolveTrack(
  entries: InstanceDocument["track"],
  documents: TrackerDocuments,
): readonly TrackConfig[] {
  return entries.map(({ name, weight, reverse }) => {
    const tracker = documents[name];
    return {
      name,
      weight: weight ?? tracker?.weight ?? (tracker?.file === undefined ? 0 : 1),
      reverse: reverse ?? tracker?.reverse ?? false,
    };
  });
}

/** keepalived's scripts, of an instance or of a sync group. */
export function resolvePrograms(
  document: { readonly [Name in HookName]?: ProgramConfig | undefined },
): HooksConfig["programs"] {
  return Object.fromEntries(HOOK_NAMES.flatMap((name) => (document[name] ? [[name, document[name]]] : [])));
}

export function resolveHooks(document: InstanceDocument): HooksConfig {
  return {
    programs: resolvePrograms(document),
    onMaster: resolveActions(document.on_master),
    onBackup: resolveActions(document.on_backup),
  };
}

export function resolveActions(document: InstanceDocument["on_master"]): StateActions {
  return { sysctl: document?.sysctl ?? {}, units: document?.units ?? [], accept: document?.accept };
}

function resolveTracker(name: string, document: TrackerDocument, check: CheckConfig): TrackerConfig {
  const { interval, timeout, rise, fall, init_fail: initFail } = document;
  return { name, check, interval, timeout: timeout ?? interval, rise, fall, initFail };
}

/** Undefined for a document without a target, which the rules have refused. */
function checkOf(document: TrackerDocument): CheckConfig | undefined {
  const { script, tcp, http, ping, process, file, interface: interfaceName, user, group } = document;
  if (script) return { kind: "script", program: { command: script, user, group } };
  if (tcp) return { kind: "tcp", ...tcp };
  if (http) {
    const { status = { min: 200, max: 299 }, body, tls_verify = true, tls_expiry = 14 } = document;
    return {
      kind: "http",
      url: http,
      status,
      body,
      verifyCertificate: tls_verify,
      warnBeforeExpiry: tls_expiry,
    };
  }
  if (ping) return { kind: "ping", address: ping, count: document.count ?? 5, loss: document.loss ?? 80 };
  if (process) return { kind: "process", process, quorum: document.quorum ?? 1 };
  if (file) return { kind: "file", path: file };
  return interfaceName === undefined ? undefined : { kind: "interface", interfaceName };
}
