import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importConf } from "../../src/commands/import.ts";
import { loadConfig } from "../../src/config/load.ts";
import { withStatements } from "../config/keepalived/reading.ts";
import { CapturedOutput } from "./captured-output.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-import-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Imports a file of this text; the folder's name is cut out of what is printed. */
async function run(text: string): Promise<{ code: number; yaml: string; said: string }> {
  const file = join(folder, "keepalived.conf");
  await writeFile(file, text);
  const [out, err] = [new CapturedOutput(), new CapturedOutput()];
  const code = await importConf({ file, out, err });
  return { code, yaml: out.text, said: err.text.replaceAll(`${folder}/`, "") };
}

/** Loads YAML as `cloudvip run` would. */
async function load(yaml: string) {
  const file = join(folder, "cloudvip.yaml");
  await writeFile(file, yaml);
  return loadConfig(file, { hostName: "node-a" });
}

const RICH = [
  "global_defs {",
  '  router_id "node a"',
  "  vrrp_garp_master_refresh 60",
  "  vrrp_startup_delay 2",
  "}",
  withStatements(
    [
      "  priority 150",
      "  state MASTER",
      "  advert_int 2",
      "  preempt_delay 0",
      "  authentication { auth_type PASS",
      "    auth_pass 0042 }",
      "  unicast_peer { 192.0.2.3 min_ttl 254 }",
      "  virtual_ipaddress { 198.51.100.7/24 dev eth1 label eth1:7 no_track }",
      '  notify_master "/opt/move"',
      "  track_script { chk }",
    ].join("\n"),
  ),
  "virtual_server 192.0.2.10 80 {",
  "  real_server 192.0.2.20 80 { }",
  "}",
].join("\n");

describe("cloudvip import", () => {
  it("prints YAML for people, with comments where keepalived sees a value otherwise", async () => {
    const { code, yaml } = await run(RICH);
    expect(code).toBe(0);
    expect(yaml).toMatchInlineSnapshot(`
      "# Made by \`cloudvip import\` from keepalived.conf

      global_defs:
        router_id: node a
        vrrp_startup_delay: 2
      vrrp_instance:
        VI_1:
          interface: eth0
          virtual_router_id: 51
          priority: 150 # state MASTER has no further effect: the highest priority wins
          version: 2 # keepalived's default; cloudvip's own is 3
          advert_int: 2
          unicast_src_ip: 192.0.2.1
          check_unicast_src: true # keepalived accepts adverts from anybody unless told otherwise
          track_src_ip: true # keepalived goes on without its source address, and becomes MASTER, unless told otherwise
          # min_ttl 0: keepalived accepts any TTL; without it cloudvip demands 255 on its own subnet
          unicast_peer:
            - { address: 192.0.2.2, min_ttl: 0 }
            - { address: 192.0.2.3, min_ttl: 254 }
          authentication:
            auth_type: PASS
            auth_pass: "0042"
          virtual_ipaddress:
            - 192.0.2.10/24
            - { address: 198.51.100.7/24, dev: eth1, label: eth1:7, no_track: true }
          garp_master_refresh: 60
          notify_master: /opt/move
      "
    `);
  });

  it("names what was not carried over, with its line, and says that the YAML can be used", async () => {
    const { said } = await run(RICH);
    const lines = said.split("\n").filter((line) => line.startsWith("keepalived.conf"));
    expect(lines.map((line) => line.replace(/: .*/, ""))).toEqual([
      "keepalived.conf:21  warning  vrrp_instance.VI_1.track_script",
      "keepalived.conf:24  warning  virtual_server",
      "keepalived.conf can be used",
    ]);
  });

  it("says where the password could go, without showing it", async () => {
    const { said } = await run(RICH);
    expect(said).toContain(
      "the password of VI_1 is in the YAML as auth_pass; auth_pass_file would keep it out\n",
    );
    expect(said).not.toContain("0042");
  });

  it("prints YAML that runs with the same settings", async () => {
    const { config, problems } = await load((await run(RICH)).yaml);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      routerId: "node a",
      instances: [
        {
          name: "VI_1",
          interfaceName: "eth0",
          router: {
            version: 2,
            virtualRouterId: 51,
            priority: 150,
            advertInterval: 2000,
            startupDelay: 2000,
          },
          sourceAddress: "192.0.2.1",
          peers: [
            { address: "192.0.2.2", minTtl: 0 },
            { address: "192.0.2.3", minTtl: 254 },
          ],
          authPass: "0042",
          virtualAddresses: [
            { address: "192.0.2.10", prefixLength: 24, interfaceName: "eth0", noTrack: false },
            {
              address: "198.51.100.7",
              prefixLength: 24,
              interfaceName: "eth1",
              label: "eth1:7",
              noTrack: true,
            },
          ],
        },
      ],
    });
  });

  it("prints nothing for a file with errors, and says what to write", async () => {
    const { code, yaml, said } = await run(withStatements("").replace("  unicast_peer { 192.0.2.2 }\n", ""));
    expect([code, yaml]).toEqual([1, ""]);
    expect(said).toContain(
      "keepalived.conf:1  error    vrrp_instance.VI_1.unicast_peer: VI_1 has no unicast_peer",
    );
    expect(said).toContain("keepalived.conf cannot be used: 1 error, no warnings");
  });

  it("reports what only the schema knows, with the line of the keepalived.conf", async () => {
    const { code, said } = await run(withStatements("unicast_peer {\nnode-b\n}"));
    expect(code).toBe(1);
    expect(said).toContain(
      'keepalived.conf:8  error    vrrp_instance.VI_1.unicast_peer[1].address: "node-b" is a name',
    );
  });

  it("names included files in what it says", async () => {
    await writeFile(join(folder, "more.conf"), "\ndebug\n");
    const { said } = await run(withStatements("include more.conf"));
    expect(said).toContain("more.conf:2  warning  vrrp_instance.VI_1.debug: debug is not carried over");
  });

  it("says one line about a file that is not there", async () => {
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    expect(await importConf({ file: join(folder, "missing.conf"), out, err })).toBe(1);
    expect(out.text).toBe("");
    expect(err.text).toContain("the file cannot be read: ENOENT");
  });

  it("has nothing to say about a file without vrrp_instance but that", async () => {
    const { code, said } = await run("global_defs { router_id x\n}");
    expect(code).toBe(1);
    expect(said).toContain("there is no instance");
  });

  it("refuses a file that is no keepalived.conf", async () => {
    const binary = join(folder, "binary.conf");
    await writeFile(binary, Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)));
    const [out, err] = [new CapturedOutput(), new CapturedOutput()];
    expect(await importConf({ file: binary, out, err })).toBe(1);
    expect(out.text).toBe("");
  });
});
