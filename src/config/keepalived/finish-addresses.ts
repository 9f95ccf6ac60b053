import { parsePrefix } from "../../base/ip.ts";
import type { AddressDraft } from "./address-line.ts";
import { type Finishing, put, warn } from "./finishing.ts";
import type { Setting } from "./settings.ts";

type ListName = "virtual_ipaddress" | "virtual_ipaddress_excluded";

/** RFC 9568 §5.2.5: the count of addresses in an advert is one byte. */
const ADVERTISED_MAX = 255;

/** Puts both lists of virtual addresses. */
export function finishAddresses(finishing: Finishing): void {
  const { draft } = finishing;
  const seen = new Map<string, ListName>();
  const listed = once(finishing, draft.addresses, "virtual_ipaddress", seen);
  const excluded = once(finishing, draft.excluded, "virtual_ipaddress_excluded", seen);
  const overflow = listed.slice(ADVERTISED_MAX);
  const [first] = overflow;
  if (first !== undefined) {
    const message = `${overflow.length} of ${listed.length} addresses do not fit into an advert: keepalived moves them to virtual_ipaddress_excluded, and so does cloudvip`;
    warn(finishing, first, "virtual_ipaddress", message, "write them into virtual_ipaddress_excluded");
  }
  putList(finishing, "virtual_ipaddress", listed.slice(0, ADVERTISED_MAX));
  putList(finishing, "virtual_ipaddress_excluded", [...overflow, ...excluded]);
  const none = draft.settings.no_virtual_ipaddress;
  if (none === undefined) return;
  if (listed.length === 0) put(finishing, "no_virtual_ipaddress", none);
  else
    warn(
      finishing,
      none,
      "no_virtual_ipaddress",
      "there are virtual addresses: keepalived ignores the line, and so does cloudvip",
      "remove it",
    );
}

/** Each address once, as the schema demands. keepalived binds, and lists in its adverts, every line that it reads. */
function once(
  finishing: Finishing,
  list: readonly Setting<AddressDraft>[],
  name: ListName,
  seen: Map<string, ListName>,
): readonly Setting<AddressDraft>[] {
  return list.filter((entry) => {
    const address = parsePrefix(entry.value.address)?.address ?? entry.value.address;
    const other = seen.get(address);
    seen.set(address, other ?? name);
    if (other === undefined) return true;
    if (name === "virtual_ipaddress") advertisedTwice(finishing, entry, address);
    else {
      const message = `${address} is in ${other} before: keepalived binds both; cloudvip binds the first`;
      warn(finishing, entry, name, message, "remove one of the two");
    }
    return false;
  });
}

/** keepalived before 2.3.3 refuses adverts whose addresses are not its own, so the list has to change on all nodes at once. */
function advertisedTwice({ scope }: Finishing, { at }: Setting<AddressDraft>, address: string): void {
  scope.log.error(at, {
    path: [...scope.path, "virtual_ipaddress"],
    message: `${address} is listed twice: keepalived lists it twice in its adverts, too, and refuses those of cloudvip that do not`,
    fix: "remove one of the two on every node",
  });
}

function putList(finishing: Finishing, name: ListName, list: readonly Setting<AddressDraft>[]): void {
  const [first] = list;
  if (first === undefined) return;
  const path = [...finishing.scope.path, name];
  put(finishing, name, { value: list.map(({ value }) => document(value)), at: first.at });
  for (const [index, { at }] of list.entries()) finishing.builder.place([...path, index], at);
  const bare = list.filter(({ value }) => value.withoutLength);
  const [bareFirst] = bare;
  if (bareFirst === undefined) return;
  const which =
    bare.length === 1 ? bareFirst.value.address.slice(0, -"/32".length) : `${bare.length} addresses`;
  const verb = bare.length === 1 ? "has" : "have";
  const message = `${which} ${verb} no prefix length: keepalived uses /32, not that of the subnet, and so does cloudvip`;
  warn(finishing, bareFirst, name, message, "write /32, or the length that is meant");
}

function document({ address, dev, label, no_track }: AddressDraft): unknown {
  if (dev === undefined && label === undefined && no_track === undefined) return address;
  return {
    address,
    ...(dev === undefined ? {} : { dev }),
    ...(label === undefined ? {} : { label }),
    ...(no_track === undefined ? {} : { no_track }),
  };
}
