import type { DocumentBuilder } from "./document.ts";
import type { GlobalDraft } from "./globals.ts";
import type { InstanceDraft } from "./instance.ts";
import type { Scope, Setting, SettingName, Settings } from "./settings.ts";
import type { Position } from "./source.ts";

/** One instance together with everything that bears on it. */
export interface Finishing {
  readonly draft: InstanceDraft;
  readonly globals: GlobalDraft;
  readonly scope: Scope;
  readonly builder: DocumentBuilder;
}

/** The setting of the instance, or else that of `global_defs`. */
export function effective<Name extends SettingName>(
  { draft, globals }: Finishing,
  name: Name,
): Settings[Name] {
  return draft.settings[name] ?? globals.settings[name];
}

/** Puts a value under the instance. */
export function put({ builder, scope }: Finishing, name: string, { value, at }: Setting<unknown>): void {
  builder.put([...scope.path, name], value, at);
}

/** Says that the file means something else than it seems to. */
export function warn(
  { scope }: Finishing,
  { at }: { readonly at: Position },
  name: string,
  message: string,
  fix: string,
): void {
  scope.log.warn(at, { path: [...scope.path, name], message, fix });
}
