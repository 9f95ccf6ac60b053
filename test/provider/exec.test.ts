import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execOptions } from "../../providers/exec/options.ts";
import { provider as definition } from "../../providers/exec/provider.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { programDirectory } from "../providers/exec/program-files.ts";
import { type CloudFault, type NodeName, providerSuite } from "./compliance.ts";

const ADDRESSES = { a: "10.0.0.2" as IpAddress, b: "10.0.0.3" as IpAddress };
const VIPS = ["10.0.0.100", "10.0.0.101"] as const;

/** A cloud in a directory: `owner` holds the server that has the addresses, `fault` what is the matter. */
const PROGRAM = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
const request = JSON.parse(readFileSync(0, "utf8"));
const { operation, source_address: me } = request;
const read = (name) => (existsSync(name) ? readFileSync(name, "utf8") : "");
process.chdir(process.argv[2]);
const answer = (value) => (console.log(JSON.stringify(value)), process.exit());
const refuse = (kind) => answer({ error: { kind, message: kind + " by the cloud" } });
const fault = read("fault");
if (operation === "claim") appendFileSync("changes", "claim\\n");
if (fault === "throttle") refuse("throttled");
if (fault === "error-500" || fault === "metadata-down") refuse("unreachable");
if (fault === "garbage") (console.log("<<{ no answer"), process.exit());
if (fault === "reset") process.exit(1);
if (fault === "hang") await new Promise((resolve) => setTimeout(resolve, 3_600_000));
if (read("denied") && ["claim", "rehearse"].includes(operation)) refuse("denied");
if (operation === "claim") writeFileSync("owner", me);
if (fault === "lost-answer") process.exit(1);
const owner = read("owner");
const other = { owner: "other", holder: "i-" + owner, addresses: [owner] };
const seen = owner === "" ? { owner: "nobody" } : owner === me ? { owner: "mine" } : other;
answer({
  identify: { instance: "i-" + me, network_interface: "nic-" + me, preflight: true },
  claim: { claimed: true },
  owner: { owners: request.vips.map((vip) => ({ vip, ...seen })) },
  rehearse: { ready: true },
  preflight: { findings: [] },
}[operation]);
`;

providerSuite("exec", definition, async () => {
  const directory = await programDirectory();
  const path = (name: string) => join(directory.path, name);
  const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : "");
  writeFileSync(path("cloud.mjs"), PROGRAM);
  const script = await directory.script("cloud", `exec ${process.execPath} "$@"`);
  return {
    vips: VIPS as unknown as readonly [IpAddress, ...IpAddress[]],
    addressOf: (node: NodeName) => ADDRESSES[node],
    create: (node: NodeName, timeout = 60) =>
      definition.create(
        execOptions.parse({ command: [script, path("cloud.mjs"), directory.path], timeout }),
        {
          ...{ interfaceName: "eth0", hardwareAddress: "02:00:00:00:00:01", log: () => undefined },
          sourceAddress: ADDRESSES[node],
        },
      ),
    holders: () => (["a", "b"] as const).filter((node) => read("owner") === ADDRESSES[node]),
    inject: (fault: CloudFault) => writeFileSync(path("fault"), fault),
    heal: () => rmSync(path("fault"), { force: true }),
    deny: () => writeFileSync(path("denied"), "yes"),
    changes: () => read("changes").split("\n").slice(0, -1),
    stop: directory.remove,
  };
});
