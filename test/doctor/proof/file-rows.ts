import type { Row } from "./row.ts";
import { VIP } from "./world.ts";

/** Files of the host, and what they say. */
export const FILE_ROWS: readonly Row[] = [
  {
    code: "host/config-writable",
    what: "a configuration that everybody may write",
    break: (world) => world.run(`chmod 666 ${world.configFile}`),
    mend: "--fix",
  },
  {
    code: "host/config-writable",
    what: "a configuration of another user, in a directory of everybody",
    break: (world) => {
      world.run(`chown 12345 ${world.configFile}`);
      world.run(`chmod 777 ${world.root}/etc/cloudvip`);
    },
    mend: "--fix",
  },
  {
    code: "host/secret-readable",
    what: "a password in a file that everybody may read",
    break: (world) => {
      const authentication = "authentication: { auth_type: PASS, auth_pass: secret }";
      world.configure({ instance: ["version: 2", authentication] });
      world.run(`chmod 644 ${world.configFile}`);
    },
    mend: "--fix",
  },
  {
    code: "host/secret-readable",
    what: "the address of a chat in a file that everybody may read",
    break: (world) => {
      const url = world.file("/etc/cloudvip/slack-url", "https://hooks.example.com/T1/B1/x\n", 0o644);
      world.configure({
        top: ["notify:", "  channels:", `    ops: { type: slack, url_file: ${url} }`],
      });
    },
    mend: "--fix",
  },
  {
    code: "host/config-warnings",
    what: "an option without effect",
    break: (world) => world.configure({ instance: ["preempt: false", "preempt_delay: 60"] }),
    mend: {
      advice: "remove it, or write preempt: true",
      follow: (world) => world.configure({ instance: ["preempt: false"] }),
    },
  },
  {
    code: "host/program-cannot-start",
    what: "a hook that is not executable",
    break: (world) => {
      const hook = world.file("/etc/cloudvip/on-master", "#!/bin/sh\n", 0o644);
      world.configure({ instance: [`notify_master: ${hook}`] });
    },
    mend: "--fix",
  },
  {
    code: "host/program-cannot-start",
    what: "a check script that is not there",
    break: (world) => trackScript(world, `${world.root}/etc/cloudvip/check`),
    mend: {
      advice: "install it",
      follow: (world) => void world.file("/etc/cloudvip/check", "#!/bin/sh\n", 0o755),
    },
  },
  {
    code: "host/program-writable",
    what: "a check script that everybody may rewrite",
    break: (world) => trackScript(world, world.file("/etc/cloudvip/check", "#!/bin/sh\n", 0o777)),
    mend: "--fix",
  },
  {
    code: "host/vip-configured-statically",
    what: "the address in netplan's file of cloud-init",
    break: (world) => writeNetplan(world, `["10.9.0.1/24", "${VIP}/24"]`),
    mend: { advice: "remove it there", follow: (world) => writeNetplan(world, '["10.9.0.1/24"]') },
  },
  {
    code: "host/ip-nonlocal-bind",
    what: "a proxy that binds the address",
    break: (world) => {
      world.run("sysctl -qw net.ipv4.ip_nonlocal_bind=0");
      world.file("/etc/haproxy/haproxy.cfg", `frontend www\n  bind ${VIP}:443\n`);
    },
    mend: "--fix",
  },
];

function trackScript(world: { configure: (plan: object) => void }, path: string): void {
  world.configure({ instance: ["track: [chk]"], top: ["track:", `  chk: { script: ${path} }`] });
}

function writeNetplan(world: { file: (path: string, text: string) => string }, addresses: string): void {
  const text = `network:\n  ethernets:\n    va:\n      addresses: ${addresses}\n`;
  world.file("/etc/netplan/50-cloud-init.yaml", text);
}
