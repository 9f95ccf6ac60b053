import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";

/** The rules of the packet filters in this network namespace, as their own tools print them; undefined where there is none. */
export interface FirewallListing {
  /** `nft -j -n list ruleset`, or one listing for each table. */
  readonly nftJson: readonly string[] | undefined;
  /** `nft -a -n list ruleset`: the devices of ingress chains and the rules as people write them. */
  readonly nftText: string | undefined;
  /** `iptables-nft-save` */
  readonly iptablesNft: string | undefined;
  /** `iptables-legacy-save`; only where the kernel has such tables, because asking would load them. */
  readonly iptablesLegacy: string | undefined;
  /** What could not be read, and why, so that nobody takes silence for an open filter. */
  readonly failures: readonly ListingFailure[];
}

export interface ListingFailure {
  readonly command: string;
  /** `missing`: not installed. `refused`: it needs root. `failed`: anything else. */
  readonly kind: "missing" | "refused" | "failed";
  readonly message: string;
}

export type Ran =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly failure: ListingFailure };

/** Runs a command to its end. */
export type RunCommand = (command: readonly string[]) => Promise<Ran>;

/** Hosts of containers have tens of thousands of rules. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const QUOTED_CHARACTERS_MAX = 200;
/** Administrators' tools are in directories that are not on everybody's PATH. */
const SBIN = ":/usr/local/sbin:/usr/sbin:/sbin";

/** Asks each tool once; none of them changes anything. */
export async function listFirewallRules(
  run: RunCommand,
  legacyTables: () => Promise<boolean> = hasLegacyTables,
): Promise<FirewallListing> {
  const [nft, iptablesNft, legacy] = await Promise.all([
    listNft(run),
    run(["iptables-nft-save"]),
    legacyTables().then((there) => (there ? listLegacy(run) : undefined)),
  ]);
  const failures = [...nft.json, iptablesNft, legacy].flatMap((ran) => (ran && !ran.ok ? [ran.failure] : []));
  const json = nft.json.flatMap((ran) => (ran.ok ? [ran.output] : []));
  return {
    nftJson: json.length > 0 ? json : undefined,
    nftText: outputOf(nft.text),
    iptablesNft: outputOf(iptablesNft),
    iptablesLegacy: outputOf(legacy),
    failures,
  };
}

/**
 * nft 1.0.6 breaks its JSON at a table with flags, so where there are some, each table is asked for by itself; those that are
 * dormant do nothing and are not asked for.
 */
async function listNft(run: RunCommand): Promise<{ readonly text: Ran; readonly json: readonly Ran[] }> {
  const text = await run(["nft", "-a", "-n", "list", "ruleset"]);
  if (!text.ok) return { text, json: [text] };
  if (!/^\tflags /m.test(text.output)) {
    return { text, json: [await run(["nft", "-j", "-n", "list", "ruleset"])] };
  }
  const tables = [...text.output.matchAll(/^table (\S+) (\S+) \{.*\n(\tflags .*\bdormant\b)?/gm)];
  const awake = tables.filter(([, , , dormant]) => dormant === undefined);
  const listings = awake.map(([, family = "", name = ""]) =>
    run(["nft", "-j", "-n", "list", "table", family, name]),
  );
  return { text, json: await Promise.all(listings) };
}

/** Before iptables had two backends, its own name was that of the legacy one. */
async function listLegacy(run: RunCommand): Promise<Ran> {
  const ran = await run(["iptables-legacy-save"]);
  if (ran.ok || ran.failure.kind !== "missing") return ran;
  const old = await run(["iptables-save"]);
  return old.ok && !/^#.*\(nf_tables\)/m.test(old.output) ? old : ran;
}

function outputOf(ran: Ran | undefined): string | undefined {
  return ran?.ok ? ran.output : undefined;
}

async function hasLegacyTables(): Promise<boolean> {
  // The file is there for root only, and only while the kernel has the tables.
  const names = await readFile("/proc/net/ip_tables_names", "utf8").catch(() => "");
  return names.trim() !== "";
}

/** Runs an administrator's tool in this network namespace. */
export function runTool([file = "", ...args]: readonly string[], signal: AbortSignal): Promise<Ran> {
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}${SBIN}`, LC_ALL: "C" };
  return new Promise((resolve) => {
    // One that ignores the gentler signal must not keep this process from ending.
    const options = { env, signal, maxBuffer: OUTPUT_BYTES_MAX, killSignal: "SIGKILL" } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ ok: true, output: stdout });
      const message = signal.aborted ? "no answer in time" : quoted(stderr) || messageOf(error);
      const command = [file, ...args].join(" ");
      resolve({ ok: false, failure: { command, kind: failureKind(error, message), message } });
    });
  });
}

/** A sentence for people: the first line that says something, without control characters, and not a book. */
function quoted(stderr: string): string {
  const line =
    stderr
      .slice(0, 10 * QUOTED_CHARACTERS_MAX)
      .split("\n")
      .find((text) => text.trim() !== "") ?? "";
  return line
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, QUOTED_CHARACTERS_MAX);
}

function failureKind(error: Error, message: string): ListingFailure["kind"] {
  if ("code" in error && error.code === "ENOENT") return "missing";
  return /permitted|permission|must be root/i.test(message) ? "refused" : "failed";
}
