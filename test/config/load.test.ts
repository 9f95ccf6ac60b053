import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { oneLine, withOptions } from "./snippets.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-config-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode });
  await chmod(path, mode);
  return path;
}

async function load(content: string | Uint8Array, env: NodeJS.ProcessEnv = {}) {
  return loadConfig(await write("cloudvip.yaml", content), { hostName: "host-1", env });
}

async function problemsIn(
  content: string | Uint8Array,
  env: NodeJS.ProcessEnv = {},
): Promise<readonly string[]> {
  const { config, problems } = await load(content, env);
  expect(config).toBeUndefined();
  return problems.map((problem) => oneLine(problem).replaceAll(folder, "DIR"));
}

const SMALLEST = {
  routerId: "host-1",
  controlSocket: "/run/cloudvip/cloudvip.sock",
  dynamicInterfaces: false,
  instances: [
    {
      name: "VI_1",
      interfaceName: "eth0",
      router: {
        version: 3,
        virtualRouterId: 51,
        priority: 100,
        advertInterval: 1_000,
        preempt: true,
        preemptDelay: 0,
        downTimerAdverts: 3,
        skew: "none",
        maxLearnedInterval: 10_000,
        lowerPrioNoAdvert: false,
        higherPrioSendAdvert: true,
        startupDelay: 0,
        announcements: { masterDelay: 5_000, masterRefresh: 0, lowerPrioDelay: 5_000 },
      },
      sourceAddress: undefined,
      peers: [{ address: "10.0.0.5", minTtl: undefined, maxTtl: undefined }],
      unicastTtl: 255,
      checkUnicastSrc: true,
      trackSrcIp: true,
      trackPrimary: true,
      checksum: { send: "rfc5798", accept: "either" },
      authPass: undefined,
      virtualAddresses: [
        { address: "10.0.0.10", prefixLength: 32, interfaceName: "eth0", label: undefined, noTrack: false },
      ],
      excludedAddresses: [],
      garp: { masterRepeat: 5, masterRefreshRepeat: 1, lowerPrioRepeat: 5, interval: 0 },
    },
  ],
};

describe("a sound file", () => {
  test("with nothing but what is required gets every default", async () => {
    const text = `
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    unicast_peer: [10.0.0.5]
    virtual_ipaddress: [10.0.0.10]
`;
    expect(await load(text)).toMatchObject({ config: SMALLEST, problems: [] });
  });

  test("with every option is carried over wholly", async () => {
    const { config, problems } = await load(EVERYTHING);
    expect(problems).toEqual([]);
    const files = [join(folder, "cloudvip.yaml")];
    const sources = { files, holdSecret: true, secretFiles: [] };
    expect(config).toEqual({ ...EVERYTHING_RESOLVED, sources });
  });

  test("of more than one instance keeps their order and their own values", async () => {
    const { config } = await load(`${withOptions("priority: 10")}  VI_0:
    { interface: eth1, virtual_router_id: 51, unicast_src_ip: 10.1.0.4, unicast_peer: [10.1.0.5], no_virtual_ipaddress: true }
`);
    expect(config?.instances.map(({ name, router }) => [name, router.priority])).toEqual([
      ["VI_1", 10],
      ["VI_0", 100],
    ]);
  });

  test.each([
    ["100ms", 10_000],
    ["2s", 20_000],
    ["10s", 40_950],
  ])("with adverts every %s learns intervals up to %d ms", async (interval, longest) => {
    const { config } = await load(withOptions(`advert_int: ${interval}`));
    expect(config?.instances[0]?.router.maxLearnedInterval).toBe(longest);
  });

  test("of an owner has the preemption that an owner has, and a warning", async () => {
    const { config, problems } = await load(withOptions("priority: 255\npreempt: false\npreempt_delay: 3"));
    expect(config?.instances[0]?.router).toMatchObject({ preempt: true, preemptDelay: 0 });
    expect(problems.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });
});

describe("a password", () => {
  const v2 = (authentication: string) => withOptions(`version: 2\nauthentication: ${authentication}`);
  const passwordOf = async (authentication: string, env: NodeJS.ProcessEnv = {}) =>
    (await load(v2(authentication), env)).config?.instances[0]?.authPass;

  test("is taken from the file itself", async () => {
    expect(await passwordOf('{ auth_pass: "s3cret" }')).toBe("s3cret");
  });

  test("beyond ASCII is the bytes of the file, as keepalived sends them", async () => {
    expect(await passwordOf('{ auth_pass: "é" }')).toBe("\u00c3\u00a9");
  });

  test("is taken from another file without its line end", async () => {
    const path = await write("pass", "s3cret\r\n");
    expect(await passwordOf(`{ auth_pass_file: ${path} }`)).toBe("s3cret");
    const { config } = await load(v2(`{ auth_pass_file: ${path} }`));
    expect(config?.sources).toMatchObject({ holdSecret: false, secretFiles: [path] });
  });

  test("is taken from the environment", async () => {
    expect(await passwordOf("{ auth_pass_env: VRRP_PASS }", { VRRP_PASS: "s3cret" })).toBe("s3cret");
  });

  test("in a file that the group of the agent can read has no warning", async () => {
    const path = await write("pass", "s3cret\n", 0o640);
    expect((await load(v2(`{ auth_pass_file: ${path} }`))).problems).toEqual([]);
  });

  test("in a file that others can read is accepted with a warning", async () => {
    const path = await write("pass", "s3cret\n", 0o644);
    const { config, problems } = await load(v2(`{ auth_pass_file: ${path} }`));
    expect(config?.instances[0]?.authPass).toBe("s3cret");
    expect(problems).toMatchObject([
      {
        severity: "warning",
        line: 9,
        message: `${path} is open to other users (mode 0644)`,
        fix: `chmod 640 ${path}`,
      },
    ]);
  });

  test("that is not there is one clear error, beside the other mistakes", async () => {
    const fix = "write the password into that file, readable by the user that the agent runs as";
    expect(await problemsIn(v2(`{ auth_pass_file: ${folder}/none }`).replace("51", "300"))).toEqual([
      "4:24 error vrrp_instance.VI_1.virtual_router_id: 300 is above 255; write a whole number from 1 to 255",
      `9:39 error vrrp_instance.VI_1.authentication.auth_pass_file: cannot read DIR/none: ENOENT: no such file or directory, open 'DIR/none'; ${fix}`,
    ]);
    expect(await problemsIn(v2(`{ auth_pass_file: ${folder} }`))).toEqual([
      `9:39 error vrrp_instance.VI_1.authentication.auth_pass_file: cannot read DIR: it is no regular file; ${fix}`,
    ]);
    expect(await problemsIn(v2("{ auth_pass_env: VRRP_PASS }"))).toEqual([
      "9:38 error vrrp_instance.VI_1.authentication.auth_pass_env: the environment variable VRRP_PASS is not set; set VRRP_PASS where the agent is started",
    ]);
  });

  test("that does not fit is refused without being shown", async () => {
    const path = await write("pass", "hunter2hunter2\n");
    const problems = [
      ...(await problemsIn(v2(`{ auth_pass_file: ${path} }`))),
      ...(await problemsIn(v2("{ auth_pass_env: VRRP_PASS }"), { VRRP_PASS: "hunter2hunter2" })),
      ...(await problemsIn(v2("{ auth_pass: hunter2hunter2 }"))),
      ...(await problemsIn(v2("{ auth_pas: hunter2, auth_pass: [hunter2] }"))),
    ];
    expect(problems).toHaveLength(5);
    expect(problems.join("\n")).not.toContain("hunter2");
    expect(problems[0]).toContain("the password has 14 bytes, and an advert carries 8 (in DIR/pass)");
  });

  test("that is empty is refused", async () => {
    const path = await write("pass", "\n");
    expect((await problemsIn(v2(`{ auth_pass_file: ${path} }`))).join()).toContain(
      "the password is empty (in DIR/pass)",
    );
  });
});

describe("a file that cannot be read", () => {
  test("is one problem, not an exception", async () => {
    const missing = await loadConfig(join(folder, "none.yaml"));
    expect(missing.config).toBeUndefined();
    expect(missing.problems).toMatchObject([
      { severity: "error", fix: "give the path of a file that this user may read" },
    ]);
    expect(missing.problems[0]?.message).toContain("no such file");
  });

  test("because it is too large says how large it may be", async () => {
    expect(await problemsIn("#".repeat(2 ** 20 + 1))).toEqual([
      "error : the file cannot be read: it has 1048577 bytes, and 1048576 is the most; give the path of a file that this user may read",
    ]);
  });

  test("because it is no UTF-8 text says so", async () => {
    expect(await problemsIn(Uint8Array.of(0xff, 0xfe, 0x41))).toEqual([
      "error : the file is no UTF-8 text; save it as UTF-8",
    ]);
  });

  test("because its name says no format says which endings do", async () => {
    const { problems } = await loadConfig(await write("cloudvip.txt", ""));
    expect(problems).toMatchObject([
      { fix: "name it .yaml for cloudvip's own form, or .conf for a keepalived.conf" },
    ]);
  });

  test("may begin with a byte order mark", async () => {
    expect((await load(`\ufeff${withOptions("")}`)).problems).toEqual([]);
  });
});

describe("a keepalived.conf", () => {
  const conf = (options: string) => `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 150
  ${options}
  virtual_ipaddress {
    10.0.0.10
  }
}
`;

  test("passes the same schema, with keepalived's defaults", async () => {
    const path = await write("keepalived.conf", conf("unicast_peer {\n 10.0.0.5\n }"));
    const { config } = await loadConfig(path);
    expect(config?.instances).toMatchObject([{ name: "VI_1", router: { version: 2, priority: 150 } }]);
  });

  test("remembers the files that it includes, whose permissions matter, too", async () => {
    const more = await write("peers.conf", "unicast_peer {\n 10.0.0.5\n }\n");
    const path = await write("keepalived.conf", conf(`include ${more}`));
    expect((await loadConfig(path)).config?.sources).toMatchObject({ files: [path, more] });
  });

  test("passes the same rules, and its mistakes have lines", async () => {
    const path = await write("keepalived.conf", conf("unicast_peer {\n 10.0.0.10\n }"));
    const { config, problems } = await loadConfig(path);
    expect(config).toBeUndefined();
    expect(problems.filter(({ severity }) => severity === "error")).toMatchObject([
      {
        line: 9,
        path: "vrrp_instance.VI_1.virtual_ipaddress[0]",
        message: "10.0.0.10 is in unicast_peer too",
      },
    ]);
  });

  test("without peers is refused once, in keepalived's words", async () => {
    const { problems } = await loadConfig(await write("keepalived.conf", conf("")));
    const errors = problems.filter(({ severity }) => severity === "error");
    expect(errors).toMatchObject([{ path: "vrrp_instance.VI_1.unicast_peer" }]);
    expect(errors[0]?.message).toContain("multicast");
  });
});

const EVERYTHING = `
global_defs:
  router_id: node-a
  vrrp_startup_delay: 2m
  dynamic_interfaces: true
  control_socket: /run/a.sock
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 7
    priority: 200
    version: 2
    advert_int: "3s"
    unicast_src_ip: 10.0.0.4
    unicast_peer: [10.0.0.5, { address: 10.0.1.5, min_ttl: 250, max_ttl: 254 }]
    unicast_ttl: 64
    check_unicast_src: false
    track_src_ip: false
    dont_track_primary: true
    checksum: { send: rfc5798, accept: either }
    authentication: { auth_type: PASS, auth_pass: "secret" }
    virtual_ipaddress: [10.0.0.10/24, { address: 10.0.0.11, dev: eth1, label: "eth1:v", no_track: true }]
    virtual_ipaddress_excluded: [10.0.0.12/28]
    no_virtual_ipaddress: false
    provider:
      name: "@acme/cloudvip-provider"
      verify_interval: 1m
      consistency_window: 500ms
      rehearse_interval: 60
      mechanism: { any: [thing] }
      region: null
    preempt: true
    preempt_delay: 1.5
    down_timer_adverts: 4
    startup_delay: 500ms
    lower_prio_no_advert: true
    higher_prio_send_advert: true
    garp_master_delay: 1
    garp_master_repeat: 2
    garp_master_refresh: 60
    garp_master_refresh_repeat: 3
    garp_lower_prio_delay: 4
    garp_lower_prio_repeat: 6
    garp_interval: 0.001
    notify: /opt/notify.sh "two words"
    notify_fault: { script: /opt/fault.sh, user: nobody, group: nogroup }
    on_master: { sysctl: { net.ipv4.conf.all.arp_ignore: 1 }, units: [a.service], accept: iptables INPUT }
    on_backup: { accept: nft inet filter input }
`;

const EVERYTHING_RESOLVED = {
  routerId: "node-a",
  controlSocket: "/run/a.sock",
  dynamicInterfaces: true,
  notifyFifo: undefined,
  trackers: [],
  syncGroups: [],
  flapping: { transitions: 6, window: 60_000, hold: 0 },
  notify: undefined,
  instances: [
    {
      name: "VI_1",
      interfaceName: "eth0",
      router: {
        version: 2,
        virtualRouterId: 7,
        priority: 200,
        advertInterval: 3_000,
        preempt: true,
        preemptDelay: 1_500,
        downTimerAdverts: 4,
        skew: "rfc",
        maxLearnedInterval: 30_000,
        lowerPrioNoAdvert: true,
        higherPrioSendAdvert: true,
        startupDelay: 500,
        announcements: { masterDelay: 1_000, masterRefresh: 60_000, lowerPrioDelay: 4_000 },
      },
      sourceAddress: "10.0.0.4",
      peers: [
        { address: "10.0.0.5", minTtl: undefined, maxTtl: undefined },
        { address: "10.0.1.5", minTtl: 250, maxTtl: 254 },
      ],
      unicastTtl: 64,
      checkUnicastSrc: false,
      trackSrcIp: false,
      trackPrimary: false,
      checksum: { send: "rfc5798", accept: "either" },
      authPass: "secret",
      virtualAddresses: [
        { address: "10.0.0.10", prefixLength: 24, interfaceName: "eth0", label: undefined, noTrack: false },
        { address: "10.0.0.11", prefixLength: 32, interfaceName: "eth1", label: "eth1:v", noTrack: true },
      ],
      excludedAddresses: [
        { address: "10.0.0.12", prefixLength: 28, interfaceName: "eth0", label: undefined, noTrack: false },
      ],
      garp: { masterRepeat: 2, masterRefreshRepeat: 3, lowerPrioRepeat: 6, interval: 1 },
      syncGroup: undefined,
      track: [],
      hooks: {
        programs: {
          notify: { command: ["/opt/notify.sh", "two words"], user: undefined, group: undefined },
          notify_fault: { command: ["/opt/fault.sh"], user: "nobody", group: "nogroup" },
        },
        onMaster: {
          sysctl: { "net.ipv4.conf.all.arp_ignore": "1" },
          units: ["a.service"],
          accept: { kind: "iptables", chain: "INPUT" },
        },
        onBackup: {
          sysctl: {},
          units: [],
          accept: { kind: "nft", family: "inet", table: "filter", chain: "input" },
        },
      },
      provider: {
        name: "@acme/cloudvip-provider",
        options: { mechanism: { any: ["thing"] }, region: null },
        verifyInterval: 60_000,
        consistencyWindow: 500,
        rehearseInterval: 60_000,
      },
    },
  ],
};
