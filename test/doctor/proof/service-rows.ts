import type { ChildProcess } from "node:child_process";
import { vi } from "vitest";
import type { Row } from "./row.ts";
import { INTERFACE, type ProofWorld, VIP } from "./world.ts";

const NO_SYSTEMD = "no systemd in a namespace: the links that it goes by, and a systemctl that removes them";
const WANTED = "/etc/systemd/system/timers.target.wants";
const NETWORK_FILE = "/etc/systemd/network/10-va.network";

let busy: NodeJS.Timeout | undefined;

const running = new WeakMap<ProofWorld, ChildProcess>();

/** What else manages addresses here, and time. */
export const SERVICE_ROWS: readonly Row[] = [
  {
    code: "host/other-failover-program",
    what: "a keepalived with the same address",
    needs: ["keepalived"],
    break: async (world) => {
      const conf = world.file("/etc/keepalived/keepalived.conf", KEEPALIVED_CONF, 0o644);
      const pids = ["--pid", `${world.root}/ka.pid`, "--vrrp_pid", `${world.root}/vrrp.pid`];
      running.set(world, await world.start(["keepalived", "--dont-fork", "-f", conf, ...pids]));
      // What would be asked of systemd.
      world.tool("systemctl", `[ "$*" = "disable --now keepalived" ] && kill $(cat ${world.root}/ka.pid)`);
    },
    mend: "--fix",
  },
  {
    code: "host/other-failover-program",
    what: "a ucarp",
    faked: "a process of that name that does nothing",
    break: async (world) =>
      void running.set(world, await world.daemon("ucarp", "--interface", INTERFACE, `--addr=${VIP}`)),
    mend: { advice: "stop it, and what starts it", follow: stop },
  },
  {
    code: "host/networkd-removes-vip",
    what: "a systemd-networkd without KeepConfiguration",
    faked: "networkd needs udev and D-Bus: a process of that name, and the state file that it writes",
    break: async (world) => {
      world.file(NETWORK_FILE, "[Match]\nName=va\n[Network]\nDHCP=yes\n");
      writeNetworkdState(world, "");
      running.set(world, await world.daemon("systemd-networkd"));
    },
    mend: {
      advice: `KeepConfiguration=static\` into ${NETWORK_FILE}.d/cloudvip.conf`,
      follow: (world) => {
        world.file(`${NETWORK_FILE}.d/cloudvip.conf`, "[Network]\nKeepConfiguration=static\n");
        writeNetworkdState(world, `${NETWORK_FILE}.d/cloudvip.conf`);
      },
    },
  },
  {
    code: "host/agent-not-started-at-boot",
    what: "a unit of ours that was never enabled",
    faked: "no systemd in a namespace: the unit's file, and a systemctl that makes the link",
    break: (world) => {
      world.file("/etc/systemd/system/cloudvip.service", "[Service]\n");
      const wants = `${world.root}/etc/systemd/system/multi-user.target.wants`;
      world.tool("systemctl", `mkdir -p ${wants} && touch ${wants}/$2.service`);
    },
    mend: "--fix",
  },
  {
    code: "host/nm-cloud-setup-removes-vip",
    what: "a timer of nm-cloud-setup",
    faked: NO_SYSTEMD,
    break: (world) => wantedTimer(world, "nm-cloud-setup.timer"),
    mend: "--fix",
  },
  {
    code: "host/ec2-net-utils-binds-vip",
    what: "a timer of amazon-ec2-net-utils",
    faked: NO_SYSTEMD,
    break: (world) => wantedTimer(world, `refresh-policy-routes@${INTERFACE}.timer`),
    mend: "--fix",
  },
  {
    code: "host/cloud-init-rewrites-network",
    what: "a cloud-init that waits for hotplug",
    break: (world) => void world.file("/etc/udev/rules.d/90-cloud-init-hook-hotplug.rules", ""),
    mend: {
      advice: "`network: {config: disabled}` into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg",
      follow: (world) =>
        void world.file(
          "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg",
          "network: {config: disabled}\n",
        ),
    },
  },
  {
    code: "host/dhcp-client-resets-address",
    what: "a dhclient on the interface",
    faked: "a process of that name that does nothing, for there is no DHCP server",
    break: async (world) => void running.set(world, await world.daemon("dhclient", "-v", INTERFACE)),
    mend: { advice: "give the interface a static address", follow: stop },
  },
  {
    code: "host/networkmanager-manages-interface",
    what: "a NetworkManager that has the interface",
    faked: "NetworkManager needs D-Bus: a process of that name, and an nmcli that answers for it",
    break: async (world) => {
      running.set(world, await world.daemon("NetworkManager", "--no-daemon"));
      world.tool("nmcli", "echo '100 (connected)'");
    },
    mend: {
      advice: `nmcli device set ${INTERFACE} managed no`,
      follow: (world) => world.tool("nmcli", "echo '10 (unmanaged)'"),
    },
  },
  {
    code: "host/scheduling-late",
    what: "a process that gets no processor for a while",
    break: (world) => {
      world.configure({ instance: ["version: 3", "advert_int: 0.1"] });
      // Doctor watches the clocks of this very thread for a second.
      busy = setInterval(() => spin(200), 300);
    },
    mend: {
      advice: "choose an advert_int several times this lateness",
      follow: (world) => {
        clearInterval(busy);
        world.configure({ instance: ["version: 3", "advert_int: 40"] });
      },
    },
  },
  {
    code: "host/clock-steps",
    what: "a clock that is set while doctor watches",
    faked: "nobody sets the clock of this machine: what this process reads is shifted",
    break: () => {
      const real = Date.now.bind(Date);
      const began = performance.now();
      const steps = () => Math.floor((performance.now() - began) / 400);
      vi.spyOn(Date, "now").mockImplementation(() => real() + 5_000 * steps());
    },
    mend: { advice: "run one time service only", follow: () => void vi.restoreAllMocks() },
  },
  {
    code: "host/clock-unsynchronised",
    what: "a clock that nobody keeps",
    faked: "a timedatectl that remembers what it was told",
    break: (world) => {
      world.tool(
        "timedatectl",
        `[ $1 = set-ntp ] && exec touch ${world.root}/ntp\n[ -e ${world.root}/ntp ] && echo yes || echo no`,
      );
      const program = world.file("/etc/cloudvip/move", "#!/bin/sh\n", 0o755);
      world.configure({ instance: [`provider: { name: exec, command: [${program}] }`] });
    },
    mend: "--fix",
  },
];

const KEEPALIVED_CONF = `vrrp_instance V1 {
  interface ${INTERFACE}
  virtual_router_id 7
  priority 100
  virtual_ipaddress {
    ${VIP}/24
  }
}
`;

async function stop(world: ProofWorld): Promise<void> {
  const child = running.get(world);
  if (child) await world.stop(child);
}

function writeNetworkdState(world: ProofWorld, dropIns: string): void {
  const text = `ADMIN_STATE=configured\nNETWORK_FILE=${NETWORK_FILE}\nNETWORK_FILE_DROPINS="${dropIns}"\n`;
  world.file(`/run/systemd/netif/links/${world.interfaceIndex}`, text);
}

function wantedTimer(world: ProofWorld, timer: string): void {
  world.file(`${WANTED}/${timer}`, "");
  world.tool("systemctl", `for unit; do rm -f ${world.root}${WANTED}/$unit; done`);
}

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
