import { execFileSync } from "node:child_process";
import {
  chmodSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Receiver } from "../notify/receiver.ts";
import { Cloudvip } from "./cloudvip.ts";
import { startPair } from "./group.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { listenOn } from "./listen.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1";
const SETTINGS = { advertInt: 0.1, vips: [VIP] };

describe("agents that cannot write their log", () => {
  labTest("elect, hand over and end all the same when nobody reads a full pipe", async ({ lab }) => {
    const pipe = fullPipe(lab);
    const { a, b, observer } = await startPair(lab, {
      ...SETTINGS,
      cloudvip: { node: nodeWith(lab, `exec ${NODE} "$@" > '${pipe.path}'`) },
    });

    await lab.cut(a.host);
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });
    await lab.heal();
    await observer.waitForHolder(VIP, a.host);
    expect(await a.daemon.stop()).toEqual({ code: 0, signal: null });
    await observer.waitForHolder(VIP, b.host);

    await waitFor(() => pipe.read().includes('"cause":"master-left"'), {
      what: "the story, which has waited for a reader",
      seen: () => pipe.read().slice(-2_000),
    });
    expect(pipe.read()).toContain('"event":"ready"');
  });

  labTest("go on when the disk is full, and write what waited when it is not any more", async ({ lab }) => {
    const disk = join(lab.directory, "disk");
    const { a, b, observer } = await startPair(lab, {
      ...SETTINGS,
      cloudvip: { node: nodeWith(lab, `${mountFull(disk)}\nexec ${NODE} "$@" > ${disk}/log`) },
    });

    await a.daemon.kill();
    await observer.waitFor(() => observer.holders(VIP).includes("b"), { what: "b to take over" });

    // Its file system is its own, and seen through the process.
    const seen = `/proc/${b.daemon.pid}/root${disk}`;
    const log = () => readFileSync(`${seen}/log`, "utf8");
    expect(log()).not.toContain("BACKUP -> MASTER");
    rmSync(`${seen}/fill`);
    await waitFor(() => log().includes("BACKUP -> MASTER"), { what: "what waited for room", seen: log });
    expect(log()).toContain('"event":"ready"');
  });

  labTest("notify people when there is no room for the spool", async ({ lab }) => {
    const disk = join(lab.directory, "disk");
    const host = await lab.host("a");
    const receiver = await Receiver.behind(await listenOn(host));
    try {
      const conf = {
        vrrp_instance: {
          V1: {
            interface: host.interfaceName,
            virtual_router_id: 51,
            priority: 100,
            advert_int: 0.1,
            unicast_src_ip: host.address,
            unicast_peer: ["10.77.0.99"],
            virtual_ipaddress: [VIP],
          },
        },
        notify: {
          spool_directory: `${disk}/spool`,
          channels: {
            ops: { type: "webhook", url: receiver.url(), min_severity: "info", secret: "s1gn1ng" },
          },
        },
      };
      const node = nodeWith(lab, `mkdir -p ${disk}/spool\n${mountFull(disk)}\nexec ${NODE} "$@"`);
      const agent = Cloudvip.start(lab, host, JSON.stringify(conf), { format: "yaml", node });

      await agent.waitForState("MASTER");
      await waitFor(() => receiver.received.some(({ body }) => body.includes('"MASTER"')), {
        what: "the notification",
        seen: () => agent.log().slice(-3_000),
      });
      await waitFor(() => agent.log().includes("ENOSPC"), { what: "the agent to say why it spools nothing" });
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await receiver.close();
    }
  });
});

const NODE = `'${process.execPath}'`;

/** A program to run instead of Node, with Node's arguments. */
function nodeWith(lab: Lab, script: string): string {
  const path = join(lab.directory, "node-with");
  writeFileSync(path, `#!/bin/sh -e\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Lines of a shell script: a file system at `directory` without room for a byte, which ends with the process. */
function mountFull(directory: string): string {
  // Run again in a mount namespace of its own.
  return [
    `[ -n "$INSIDE" ] || INSIDE=1 exec unshare --mount "$0" "$@"`,
    `mkdir -p ${directory}`,
    `mount -t tmpfs -o size=64k none ${directory}`,
    `mkdir -p ${directory}/spool`,
    `dd if=/dev/zero of=${directory}/fill bs=4k 2> /dev/null || true`,
  ].join("\n");
}

function fullPipe(lab: Lab): { readonly path: string; readonly read: () => string } {
  const path = join(lab.directory, "pipe");
  execFileSync("mkfifo", [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(4096);
  try {
    for (;;) writeSync(fd, buffer);
  } catch {
    // Full.
  }
  let text = "";
  const read = () => {
    try {
      for (;;) text += buffer.toString("utf8", 0, readSync(fd, buffer));
    } catch {
      return text;
    }
  };
  return { path, read };
}
