import { hintFor, isForeignDirective } from "./hints.ts";
import type { Mistake } from "./mistake.ts";
import { type Manual, optionNamesAt } from "./option-tree.ts";
import type { DocumentPath } from "./problem.ts";
import { closest } from "./suggest.ts";

/** Lists of more options than this are no help on one line. */
const LISTED_OPTIONS_MAX = 8;

/** A key that no option has, at the end of `path`: what it was probably meant to be. */
export function describeUnknownKey(path: DocumentPath, manual: Manual): Mistake {
  const key = String(path.at(-1));
  const place = path.slice(0, -1);
  const shown = JSON.stringify(key.slice(0, 60));
  const message = `there is no option ${shown} ${place.length === 0 ? manual.outermost : "here"}`;
  return { severity: "error", path, at: "key", message, fix: fixFor(key, place, manual) };
}

function fixFor(key: string, place: DocumentPath, manual: Manual): string {
  const names = optionNamesAt(place, manual.tree);
  const inHere = closest(key, names);
  const elsewhere = homeOf(key);
  if (/^vrrp_instance\s/.test(key))
    return `write vrrp_instance: and below it, indented, ${key.replace(/^\S+\s+/, "")}:`;
  const hint = hintFor(key);
  if (hint) return hint;
  if (elsewhere) return `move it to ${elsewhere}`;
  if (isForeignDirective(key)) return "remove it: cloudvip has no such option";
  if (inHere) return `did you mean ${inHere}?`;
  if (names.length === 0 || names.length > LISTED_OPTIONS_MAX) {
    return `remove it; ${manual.file} describes every option`;
  }
  return `remove it, or choose from ${names.join(", ")}`;
}

/** Where an option lives that stands in the wrong map; the sample name stands for any instance or entry. */
function homeOf(key: string): string | undefined {
  const homes: readonly (readonly [string, DocumentPath])[] = [
    ["the top level of the file", []],
    ["global_defs", ["global_defs"]],
    ["the instance, below vrrp_instance: NAME:", ["vrrp_instance", "NAME"]],
    ["authentication", ["vrrp_instance", "NAME", "authentication"]],
    ["provider", ["vrrp_instance", "NAME", "provider"]],
    ["the channel, below notify: channels: NAME:", ["notify", "channels", "NAME"]],
  ];
  return homes.find(([, path]) => optionNamesAt(path).includes(key))?.[0];
}
