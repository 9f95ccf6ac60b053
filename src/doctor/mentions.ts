import { type IpAddress, ipFamily } from "../base/ip.ts";
import type { VirtualAddress } from "../config/config.ts";
import type { DoctorHost } from "./host.ts";

/** Whether a text has an address as a word of its own, perhaps with a port: 10.0.0.1 is not in 10.0.0.10. */
export function mentions(text: string, address: IpAddress): boolean {
  const literal = address.replaceAll(".", "\\.");
  const more = ipFamily(address) === 4 ? "(?!\\w|\\.\\d)" : "(?![\\w:])";
  const less = ipFamily(address) === 4 ? "(?<![\\w.])" : "(?<![\\w:.])";
  return new RegExp(`${less}${literal}${more}`, "i").test(text);
}

/** The files, among the named ones and those in the named directories, that have an address outside of comments. */
export function filesNaming(
  { address }: Pick<VirtualAddress, "address">,
  places: readonly string[],
  host: DoctorHost,
): readonly string[] {
  const files = places.flatMap((place) => {
    const entries = host.list(place);
    return entries.length === 0 ? [place] : entries.map((name) => `${place}/${name}`);
  });
  return files.filter((file) => mentions(withoutComments(host.readText(file) ?? ""), address));
}

/** `#` and, in keepalived's files, `!` begin a comment. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*[#!].*$/gm, "");
}
