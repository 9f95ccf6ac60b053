import type { InstanceConfig } from "../../config/config.ts";
import type { Link } from "../../linux/network.ts";
import { answer, type Check, type Discovery, type DoctorContext, fine } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { isEnabled } from "../systemd.ts";

/** Network services that bind and remove addresses here. */
export const MANAGER_CHECKS: readonly Check[] = [
  {
    code: "host/networkd-removes-vip",
    title: "systemd-networkd leaves foreign addresses alone",
    severity: "warning",
    why: "When systemd-networkd restarts or reconfigures an interface it removes addresses that it did not add, the VIP among them, unless KeepConfiguration= says otherwise. The agent puts them back, but connections break.",
    run: async ({ config, host }) => {
      if (!isRunning(host, "systemd-networkd")) return fine("it does not run");
      const { links } = await host.network();
      const ours = links.filter(({ name }) => interfacesOf(config.instances).includes(name));
      return answer(
        ours.flatMap((link) => networkdOf(link, host)),
        "KeepConfiguration= is set, or it does not manage them",
      );
    },
  },
  {
    code: "host/nm-cloud-setup-removes-vip",
    title: "nm-cloud-setup does not manage addresses",
    severity: "warning",
    why: "nm-cloud-setup asks the cloud's metadata every five minutes and rewrites addresses and routing rules accordingly. On AWS it binds the VIP to the server that the cloud names, beside the agent and with its own prefix length.",
    run: ({ host }) =>
      timerCheck(host, "nm-cloud-setup.timer", ["nm-cloud-setup.timer", "nm-cloud-setup.service"]),
  },
  {
    code: "host/ec2-net-utils-binds-vip",
    title: "amazon-ec2-net-utils does not manage addresses",
    severity: "warning",
    why: "amazon-ec2-net-utils refreshes secondary addresses from the instance metadata every minute: it binds the VIP where the cloud has it, which may be before or long after the election, and removes it again.",
    run: ({ config, host }) => {
      const timers = interfacesOf(config.instances).map((name) => `refresh-policy-routes@${name}.timer`);
      const active = timers.filter((timer) => isEnabled(host, timer));
      return answer(
        active.map((timer) => ({
          message: `${timer} is active and binds what the instance metadata names`,
          evidence: [timer],
          consequence: "the VIP is bound and removed beside the agent, up to a minute late",
          fix: { advice: "stop it for this interface", commands: [["systemctl", "disable", "--now", timer]] },
        })),
        "its timer is not active here",
      );
    },
  },
  {
    code: "host/cloud-init-rewrites-network",
    title: "cloud-init does not rewrite the network at each boot",
    severity: "info",
    why: "cloud-init may write the network configuration anew at boot and, with hotplug, whenever the metadata changes; then the VIP can become a static address of this host.",
    run: ({ host }) => {
      if (isNetworkDisabled(host)) return fine("it is told to leave the network alone");
      const hotplug = host.list("/etc/udev/rules.d").some((name) => name.includes("cloud-init-hook-hotplug"));
      return answer(
        hotplug
          ? [
              {
                message: "cloud-init reacts to changes of the network hardware",
                evidence: ["/etc/udev/rules.d has cloud-init's hotplug rule"],
                consequence: "addresses that the metadata names may be bound at any time",
                fix: {
                  advice:
                    "write `network: {config: disabled}` into /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg",
                  commands: [],
                },
              },
            ]
          : [],
        "it does not react to changes",
      );
    },
  },
  {
    code: "host/dhcp-client-resets-address",
    title: "no DHCP client resets the interface",
    severity: "info",
    why: "The scripts of dhclient and udhcpc remove all addresses of their interface when a lease expires or changes. The agent puts the VIP back at once, but connections may break.",
    run: ({ config, host }) => {
      const names = interfacesOf(config.instances);
      const clients = host
        .processes()
        .filter(
          ({ name, commandLine }) =>
            DHCP_CLIENTS.has(name) && commandLine.some((word) => names.includes(word)),
        );
      return answer(
        clients.map(({ pid, name: client, commandLine }) => ({
          message: `${client} (pid ${pid}) manages ${commandLine.find((word) => names.includes(word))}`,
          evidence: [commandLine.join(" ")],
          consequence: "when the lease is lost, all addresses of the interface are removed for a moment",
          fix: { advice: "give the interface a static address if the cloud allows it", commands: [] },
        })),
        "neither dhclient nor udhcpc on these interfaces",
      );
    },
  },
  {
    code: "host/networkmanager-manages-interface",
    title: "NetworkManager does not manage the interface",
    severity: "info",
    why: "NetworkManager keeps foreign addresses while it runs, but removes them when it activates the connection anew, for example on `nmcli connection up` or after a lost lease.",
    run: async ({ config, host }) => {
      if (!isRunning(host, "NetworkManager")) return fine("it does not run");
      const managed = await Promise.all(
        interfacesOf(config.instances).map((name) => managedByNm(name, host)),
      );
      return answer(managed.flat(), "the interfaces are unmanaged");
    },
  },
];

/** What the `.network` file of an interface says, drop-ins included. */
function networkdOf({ name, index }: Link, host: DoctorHost): readonly Discovery[] {
  const state = host.readText(`/run/systemd/netif/links/${index}`) ?? "";
  const file = /^NETWORK_FILE=(.+)$/m.exec(state)?.[1];
  if (file === undefined) return [];
  const dropIns = /^NETWORK_FILE_DROPINS=(.+)$/m.exec(state)?.[1]?.split(" ") ?? [];
  const texts = [file, ...dropIns].map((path) => host.readText(path.replaceAll('"', "")) ?? "");
  if (texts.some((text) => /^\s*KeepConfiguration\s*=\s*(yes|static|true|on|1)/m.test(text))) return [];
  return [
    {
      message: `systemd-networkd manages ${name} without KeepConfiguration=`,
      evidence: [file],
      consequence: "the VIP disappears for a moment when systemd-networkd restarts",
      fix: {
        advice: `write \`[Network]\` and \`KeepConfiguration=static\` into ${file.replace("/run/", "/etc/").replace("/usr/lib/", "/etc/")}.d/cloudvip.conf, then \`networkctl reload\``,
        commands: [],
      },
    },
  ];
}

function timerCheck(host: DoctorHost, timer: string, units: readonly string[]) {
  const discoveries = isEnabled(host, timer)
    ? [
        {
          message: `${timer} is active`,
          evidence: [timer],
          consequence:
            "addresses and routing rules are rewritten from the cloud's metadata, the VIP's among them",
          fix: {
            advice: "switch it off on this host",
            commands: [["systemctl", "disable", "--now", ...units]],
          },
        },
      ]
    : [];
  return answer(discoveries, `${timer} is not active`);
}

async function managedByNm(name: string, host: DoctorHost): Promise<readonly Discovery[]> {
  const ran = await host.run(["nmcli", "-g", "GENERAL.STATE", "device", "show", name]);
  if (!ran.ok || /unmanaged/.test(ran.output)) return [];
  return [
    {
      message: `NetworkManager manages ${name}`,
      evidence: [`nmcli: ${ran.output.trim()}`],
      consequence: "the VIP disappears for a moment when the connection is activated anew",
      fix: {
        advice: `\`nmcli device set ${name} managed no\`, if the address of the host is set otherwise`,
        commands: [],
      },
    },
  ];
}

/** As cloud-init's documentation has it: `network: {config: disabled}`, in one line or in two. */
function isNetworkDisabled(host: DoctorHost): boolean {
  const directory = "/etc/cloud/cloud.cfg.d";
  return host
    .list(directory)
    .some((name) =>
      /^network:\s*\{?\s*config:\s*disabled/m.test(host.readText(`${directory}/${name}`) ?? ""),
    );
}

const DHCP_CLIENTS = new Set(["dhclient", "udhcpc"]);

/** By the first 15 characters, all that the kernel keeps of a name. */
function isRunning(host: DoctorContext["host"], program: string): boolean {
  return host.processes().some(({ name }) => name === program.slice(0, PROCESS_NAME_MAX));
}

/** TASK_COMM_LEN, without its final zero. */
const PROCESS_NAME_MAX = 15;

function interfacesOf(instances: readonly InstanceConfig[]): readonly string[] {
  return [...new Set(instances.map(({ interfaceName }) => interfaceName))];
}
