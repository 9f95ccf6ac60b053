// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readKeepalivedConf } from "../../../src/config/keepalived/read.ts";
import { TOOL_ENVIRONMENT } from "../../lab/process.ts";
import { requires } from "../../setup/requires.ts";
import { oneLine, withStatements } from "./reading.ts";

/** A constant, because knip takes a literal for a program of an npm package. */
const KEEPALIVED = "keepalived";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudvip-acceptance-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(requires("keepalived"));

/** Whether `keepalived --config-test` finds nothing to complain of; it reads the file and starts nothing. */
function keepalivedAccepts(file: string): boolean {
  const command = ["--config-test", "--use-file", file, "--config-id", "node-a"];
  const { status, error } = spawnSync(KEEPALIVED, command, { env: TOOL_ENVIRONMENT, timeout: 20_000 });
  if (error !== undefined) throw error;
  return status === 0;
}

/** What both say about a text: keepalived's yes or no, and our problems. */
async function compare(text: string): Promise<{ accepted: boolean; problems: readonly string[] }> {
  const file = join(folder, "keepalived.conf");
  // The interfaces of the table exist on no machine.
  writeFileSync(file, `global_defs { dynamic_interfaces\n}\n${text}`, { mode: 0o644 });
  const { problems } = await readKeepalivedConf(file, { configId: "node-a" });
  return { accepted: keepalivedAccepts(file), problems: problems.map(oneLine) };
}

/** Statements of a sound instance that keepalived takes without complaint, and so do we. */
const ACCEPTED: readonly string[] = [
  "",
  "priority 150 # comment",
  "priority 150 ! comment",
  'authentication { auth_type PASS\nauth_pass "a#b!c"\n}',
  "virtual_ipaddress\n{\n192.0.2.11/24\n}",
  "virtual_ipaddress_excluded { 192.0.2.12/24 dev eth1 label eth1:1 }",
  'virtual_ipaddress { "192.0.2.11/24" dev "eth1" }',
  "unicast_peer { 192.0.2.3 min_ttl 254 max_ttl 255 }",
  "@node-a priority 150\n@node-b priority 999\n@^node-a priority 999\n@node-b",
  "$P=150\npriority $P",
  "$P=150\npriority ${P}",
  "$P= \\\npriority 150 \\\nadvert_int 2\n$P",
  "$Q=${P}\n$P=150\npriority $Q",
  "~SEQ(N, 20, 22) virtual_ipaddress { 192.0.2.${N}/24 }",
  "virtual_ipaddress {\n~LST({A,B}, {1,32}, {2,32}) 10.0.0.${A}/${B}\n}",
  "priority ${_RANDOM 100 200}",
  "version 3\nadvert_int 0.03",
  "lower_prio_no_advert off\nhigher_prio_send_advert yes",
  "nopreempt",
  "preempt_delay 1.5",
  "garp_master_delay 0\ngarp_master_refresh 60",
  "down_timer_adverts 100",
  "track_src_ip\ncheck_unicast_src\nunicast_fault_no_peer",
];

/** Statements of a sound instance of which keepalived complains. */
const COMPLAINED: readonly string[] = [
  "priority 300",
  "priority 100abc",
  "priority",
  "priority { 5 }",
  "state master",
  "state MASTER;",
  "advert_int 0.5",
  "advert_int 0",
  "advert_int abc",
  "version 3\nadvert_int 50",
  "version 3\nadvert_int 1.234",
  "version 4",
  "version 2\nversion 3",
  "virtual_router_id 0",
  "garp_master_delay abc",
  "garp_master_delay 1.5",
  "garp_master_delay -1",
  "garp_master_repeat 0",
  "garp_master_refresh 5s",
  "down_timer_adverts 200",
  "lower_prio_no_advert maybe",
  "preempt_delay 2000",
  "nopreempt\npreempt_delay 5",
  "state MASTER\npriority 150\nnopreempt",
  "priority 255\nnopreempt",
  "state MASTER\npriority 150\npreempt_delay 5",
  "authentication { auth_type PASS\nauth_pass 123456789\n}",
  "authentication { auth_type PASS\n}",
  "version 3\nauthentication { auth_type PASS\nauth_pass 1234\n}",
  "unicast_ttl 300",
  "unicast_peer { 192.0.2.3 192.0.2.4 }",
  "unicast_peer {\n192.0.2.3,192.0.2.4\n}",
  "unicast_peer {\n192.0.2.3 min_ttl 300\n}",
  "virtual_ipaddress { 192.0.2.11/24 192.0.2.12/24 }",
  "virtual_ipaddress {\n192.0.2.11/33\n}",
  "virtual_ipaddress {\n192.0.2.11/24 dev\n}",
  "no_such_keyword",
  "no_such_block {\npriority 50\n}",
  "authentication\nauth_type PASS\nauth_pass a\n}",
  "{",
  "}",
  "virtual_ipaddress {",
  'router_id "x',
  "~SEQ(N, 1, 0, 3) priority 150",
  "~SEQ(N) priority 150",
  "~LST({A,B},{1,2,3}) priority 150",
  "$N =5",
  "includea /nowhere/at/all.conf",
  "use_vmac",
];

describe("what keepalived accepts", () => {
  it.each(ACCEPTED)("is accepted: %j", async (statements) => {
    expect(await compare(withStatements(statements))).toEqual({ accepted: true, problems: [] });
  });
});

describe("what keepalived complains of", () => {
  it.each(COMPLAINED)("never passes in silence: %j", async (statements) => {
    const { accepted, problems } = await compare(withStatements(statements));
    expect(accepted).toBe(false);
    expect(problems).not.toEqual([]);
  });

  it("is the second instance of a name", async () => {
    const text =
      withStatements("") + withStatements("").replace("51", "52").replace("192.0.2.10", "192.0.2.11");
    const { accepted, problems } = await compare(text);
    expect([accepted, problems.length]).toEqual([false, 1]);
  });
});
