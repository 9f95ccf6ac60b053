import { run } from "./process.ts";

/** Wireshark's severity "warning", as the field holds it. */
const WARNING = 0x60_0000;

/** What is wrong with a packet of protocol 112, in Wireshark's filter language; checksum status 1 means good. */
const SUSPECT = [
  "!vrrp",
  "_ws.malformed",
  `_ws.expert.severity >= ${WARNING}`,
  "!(vrrp.checksum.status == 1)",
  "!(ip.checksum.status == 1)",
].join(" || ");

/**
 * The adverts in a pcap file that tshark finds malformed, dubious or with a bad checksum, a summary line each. VRRPv3's
 * checksum must include the pseudo-header, for tshark knows that form only.
 */
export async function tsharkComplaints(pcapFile: string): Promise<readonly string[]> {
  const filter = `ip.proto == 112 && (${SUSPECT})`;
  const text = await run(["tshark", "-n", "-r", pcapFile, "-o", "ip.check_checksum:TRUE", "-Y", filter]);
  return text.split("\n").filter((line) => line !== "");
}
