import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { Receiver } from "../notify/receiver.ts";
import { Cloudvip } from "./cloudvip.ts";
import type { Host } from "./host.ts";
import { labTestNeeding } from "./lab-test.ts";
import { listenOn } from "./listen.ts";
import { waitFor } from "./wait-for.ts";
import { startWebServer } from "./web-server.ts";

const webTest = labTestNeeding("built", "nginx");
const EXAMPLES = new URL("../../conf/examples/", import.meta.url);
const VIP = "10.77.1.1";

let receiver: Receiver | undefined;

afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

/** An example as an operator makes it his own: with his addresses, his interface and his paths. */
function adapted(file: string, changes: readonly (readonly [string, string])[]): string {
  const text = readFileSync(new URL(file, EXAMPLES), "utf8");
  return changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replaceAll(from, to);
  }, text);
}

describe("the fast pair of the examples", () => {
  webTest(
    "runs with trackers on one node and with keepalived's scripts on the other, and service decides",
    async ({ lab }) => {
      const [a, b, gateway] = await Promise.all(["a", "b", "c"].map((name) => lab.host(name)));
      if (!a || !b || !gateway) throw new Error("there are three hosts");
      const observer = await lab.observe();
      receiver = await Receiver.behind(await listenOn(a));
      receiver.says('{"errcode":0,"errmsg":"ok"}');
      const nginx = startWebServer(lab, a);
      await b.exec("ip", "route", "add", "default", "via", gateway.address);

      const addresses = (own: Host, peer: Host) =>
        [
          ["192.168.147.11", own.address],
          ["192.168.147.12", peer.address],
          ["192.168.147.19", VIP],
          ["eth3", "eth0"],
        ] as const;
      const yaml = adapted("fast-with-health.yaml", [
        ...addresses(a, b),
        ["192.168.147.1\n", `${gateway.address}\n`],
        [
          "https://oapi.dingtalk.com/robot/send?access_token=your-token",
          receiver.url("/robot?access_token=T"),
        ],
        ["SEC-your-secret", "SEC-your-secret\n      allow_loopback: true"],
        ["notify:\n", `notify:\n  spool_directory: ${join(lab.directory, "spool")}\n`],
      ]);
      for (const name of ["check_vip.sh", "change_state.sh"]) {
        const text = readFileSync(new URL(`scripts/${name}`, EXAMPLES), "utf8");
        const path = join(lab.directory, name);
        writeFileSync(
          path,
          text.replaceAll("192.168.147.19", VIP).replaceAll("/etc/keepalived/", "/nowhere/"),
        );
        chmodSync(path, 0o755);
      }
      const conf = adapted("fast-with-scripts.conf", [
        ...addresses(b, a),
        ["priority 100", "priority 80"],
        ["/etc/keepalived/bin", lab.directory],
      ]);

      const onA = Cloudvip.start(lab, a, yaml, { format: "yaml" });
      await observer.waitForHolder(VIP, a);
      const onB = Cloudvip.start(lab, b, conf);
      await onB.waitForState("BACKUP", { instance: "slb" });
      await waitFor(async () => (await onB.status()).trackers[0]?.state === "up", {
        what: "b's check script to reach its gateway",
        seen: () => onB.log().slice(-2_000),
      });

      await nginx.killTree();
      await observer.waitForHolder(VIP, b);
      expect((await onA.instance("slb")).effectivePriority).toBe(70);
      const arpIgnore = async () => (await b.exec("sysctl", "-n", "net.ipv4.conf.all.arp_ignore")).trim();
      await waitFor(async () => (await arpIgnore()) === "1", { what: "b's script for MASTER" });

      startWebServer(lab, a);
      await observer.waitForHolder(VIP, a);
      await waitFor(async () => (await arpIgnore()) === "0", { what: "b's script for BACKUP" });

      const told = await waitFor(
        () => receiver?.received.map(({ body }) => body).filter((body) => body.includes("接管了")),
        { what: "a's takeover in the group" },
      );
      expect(told[0]).toContain(`slb (${VIP}/32)`);
      expect(receiver.received.every(({ path }) => /timestamp=\d+&sign=/.test(path))).toBe(true);
    },
  );
});
