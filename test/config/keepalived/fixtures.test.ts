import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { readConf } from "./reading.ts";

/** Reads a file of the kind that people find when they look for keepalived, on the node node-a. */
async function read(name: string) {
  return readConf(await readFile(new URL(`fixtures/${name}`, import.meta.url), "utf8"));
}

/** What is said about each file, as place, severity and path. */
async function remarks(name: string): Promise<readonly string[]> {
  const { problems } = await read(name);
  const lines = problems.map(({ line, severity, path, message }) =>
    [line, severity, path || message.replaceAll(/ \/\S+.*$/g, " …")].join(" "),
  );
  return lines.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

describe("a file as people publish it", () => {
  it("cloud-master.conf lacks the peers that a cloud needs", async () => {
    expect(await remarks("cloud-master.conf")).toEqual([
      "3 error vrrp_instance.VI_1.unicast_peer",
      "10 warning vrrp_instance.VI_1.virtual_ipaddress",
    ]);
  });

  it("cloud-backup.conf differs in its priority", async () => {
    expect((await read("cloud-backup.conf")).document).toMatchObject({
      vrrp_instance: { VI_1: { priority: 99, virtual_router_id: 5, virtual_ipaddress: ["192.0.2.67/32"] } },
    });
  });

  it("two-masters.conf keeps its password", async () => {
    const { document } = await read("two-masters.conf");
    const authentication = { auth_type: "PASS", auth_pass: "123456" };
    expect(document).toMatchObject({
      vrrp_instance: { VI_1: { authentication, priority: 101, version: 2 } },
    });
    expect(await remarks("two-masters.conf")).toEqual([
      "1 error vrrp_instance.VI_1.unicast_peer",
      "12 warning vrrp_instance.VI_1.virtual_ipaddress",
    ]);
  });

  it.each([
    ["mail-master.conf", 101, "192.0.2.102"],
    ["mail-backup.conf", 100, "192.0.2.103"],
  ])("%s sets its source address with mcast_src_ip", async (name, priority, source) => {
    expect((await read(name)).document).toMatchObject({
      global_defs: { router_id: "LVS_DEVEL" },
      vrrp_instance: { VI_1: { priority, unicast_src_ip: source } },
    });
    expect((await remarks(name)).slice(0, 3)).toEqual([
      "2 warning global_defs.notification_email",
      "8 warning global_defs.smtp_connect_timeout",
      expect.stringContaining("error vrrp_instance.VI_1.unicast_peer"),
    ]);
  });

  it("fast-v3.conf runs adverts every 30 ms in version 3", async () => {
    expect((await read("fast-v3.conf")).document).toMatchObject({
      vrrp_instance: {
        example_lb: {
          version: 3,
          advert_int: 0.03,
          virtual_ipaddress: [{ address: "192.0.2.19/32", label: "eth3:9" }],
          track: ["chk_example"],
          notify: { script: "/etc/keepalived/bin/change_state.sh", user: "root" },
        },
      },
      track: {
        chk_example: {
          script: "/etc/keepalived/bin/check_vip.sh",
          user: "root",
          interval: 1,
          fall: 1,
          rise: 1,
          weight: -30,
        },
      },
    });
    expect(await remarks("fast-v3.conf")).toEqual([
      "24 error vrrp_instance.example_lb.unicast_peer",
      "39 warning vrrp_instance.example_lb.virtual_ipaddress",
      "43 warning the included file …",
    ]);
  });

  it("bfd.conf is an excerpt with an ellipsis", async () => {
    expect(await remarks("bfd.conf")).toEqual([
      "4 warning global_defs.process_names",
      "5 warning global_defs.bfd_process_name",
      "9 warning bfd_instance",
      "14 error vrrp_instance.VI_1.unicast_peer",
      "15 warning vrrp_instance.VI_1....",
      "16 warning vrrp_instance.VI_1.track_bfd",
    ]);
  });

  it("balancer.conf has braces without blanks, and an include behind a comment", async () => {
    expect(await remarks("balancer.conf")).toEqual([
      "3 error vrrp_instance.VI_180.unicast_peer",
      "20 warning vrrp_instance.VI_180.virtual_ipaddress",
      "26 warning virtual_server",
      "36 warning virtual_server",
    ]);
  });

  it("strict.conf is in strict mode, as the file that is installed with keepalived", async () => {
    expect(await remarks("strict.conf")).toEqual([
      "4 warning global_defs.notification_email",
      "10 warning global_defs.smtp_connect_timeout",
      "13 error vrrp_instance.VI_1.strict_mode",
      "15 warning global_defs.vrrp_gna_interval",
      "18 error vrrp_instance.VI_1.unicast_peer",
      "29 warning vrrp_instance.VI_1.virtual_ipaddress",
    ]);
  });

  it("unicast-pair.conf can be used as it is", async () => {
    const { document, problems } = await read("unicast-pair.conf");
    expect(document).toMatchObject({
      global_defs: { router_id: "node-a" },
      vrrp_instance: {
        WEB: {
          priority: 150,
          preempt: false,
          unicast_src_ip: "192.0.2.4",
          unicast_peer: [{ address: "192.0.2.5" }],
          virtual_ipaddress: [{ address: "192.0.2.10/32", dev: "eth0", label: "eth0:web" }],
          garp_master_refresh: 60,
          notify_master: expect.anything(),
        },
      },
    });
    expect(problems).toEqual([]);
    expect(checkDocument(document).mistakes).toEqual([]);
  });
});
