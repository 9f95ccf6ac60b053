import type { IpAddress } from "../base/ip.ts";

/** A network interface as the kernel last told. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** IFF_UP and IFF_RUNNING, which is what keepalived calls up. */
  readonly up: boolean;
  /** False when IFF_NOARP or IFF_LOOPBACK: gratuitous ARP has no sense there. */
  readonly arp: boolean;
  /** The MAC address, 6 bytes on Ethernet. */
  readonly hardwareAddress: Uint8Array;
}

/** One address entry of an interface. The kernel keeps 10.0.0.5/32 and 10.0.0.5/24 as two entries. */
export interface AddressEntry {
  readonly interfaceIndex: number;
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly label?: string | undefined;
}

/** What became of one address; `error` is an errno's name such as `EPERM`. */
export interface AddressResult {
  readonly entry: AddressEntry;
  readonly error: string | undefined;
}

export type NetworkEvent =
  | { readonly kind: "link-changed"; readonly link: Link }
  | { readonly kind: "link-removed"; readonly link: Link }
  | { readonly kind: "address-added"; readonly entry: AddressEntry }
  | { readonly kind: "address-removed"; readonly entry: AddressEntry }
  /** Messages were lost (ENOBUFS) and the picture was read anew; compare everything with `links` and `addresses`. */
  | { readonly kind: "resynchronised" };

/**
 * Links and addresses through rtnetlink. The picture is read once at start and then kept by the kernel's events, so that
 * questions are answered from memory.
 */
export interface Network {
  link(name: string): Link | undefined;
  links(): readonly Link[];
  /** Every IPv4 and IPv6 entry, in the kernel's order: an interface's primary address comes first. */
  addresses(): readonly AddressEntry[];
  /** Whether an entry of this address and prefix length is on this interface. */
  has(entry: AddressEntry): boolean;
  /** Adds all entries in one go; an entry that is there already counts as added. */
  addAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]>;
  /** Removes all entries in one go; an entry that is missing counts as removed. */
  removeAddresses(entries: readonly AddressEntry[]): Promise<readonly AddressResult[]>;
  /** Calls `listener` for every change, own changes included, after `addresses` and `links` reflect it. */
  onChange(listener: (event: NetworkEvent) => void): void;
  close(): void;
}
