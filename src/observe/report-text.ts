import type { IpAddress } from "../base/ip.ts";
import type { Note, PacketReport } from "./packet-report.ts";

/** The longest IPv4 address; an IPv6 line may be wider. */
const ADDRESS_WIDTH = 15;
const UNKNOWN = "?";

/** One packet as one aligned line, for people. */
export function formatReport(report: PacketReport): string {
  return [
    formatTime(report.time),
    formatPlace(report),
    `${formatAddress(report.source)} > ${formatAddress(report.destination)}`,
    `v${report.version ?? UNKNOWN}`,
    `vrid ${pad(report.virtualRouterId, 3)}`,
    `prio ${pad(report.priority, 3)}`,
    `int ${formatInterval(report.advertIntervalMs)}`,
    `ttl ${pad(report.ttl, 3)}`,
    (report.checksumForm ?? "").padEnd(7),
    formatVerdict(report),
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

/** The time with milliseconds, which is what an eye can use. */
function formatTime(time: string | null): string {
  return time ? `${time.slice(0, -4)}Z` : "no time".padEnd(24);
}

function formatPlace({ interfaceName, direction }: PacketReport): string {
  return [direction?.padEnd(3), interfaceName].filter(Boolean).join(" ");
}

function formatAddress(address: IpAddress | null): string {
  return (address ?? UNKNOWN).padEnd(ADDRESS_WIDTH);
}

function formatInterval(advertIntervalMs: number | null): string {
  return (advertIntervalMs === null ? UNKNOWN : `${advertIntervalMs / 1000}s`).padEnd(6);
}

function pad(value: number | null, width: number): string {
  return String(value ?? UNKNOWN).padStart(width);
}

function formatVerdict({ reason, addresses, authentication, remarks }: PacketReport): string {
  const verdict = reason ? `REFUSED ${formatNote(reason)}` : addresses.join(" ") || "no addresses";
  const auth = authentication && authentication !== "none" ? [`auth ${authentication}`] : [];
  return [verdict, ...auth, ...remarks.map((remark) => `(${formatNote(remark)})`)].join("  ");
}

function formatNote({ code, sentence }: Note): string {
  return `${code}: ${sentence}`;
}
