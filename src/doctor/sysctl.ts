import type { Fix } from "./finding.ts";
import type { DoctorHost } from "./host.ts";

/** A kernel setting by its path below /proc/sys; undefined when there is no such setting or it may not be read. */
export function sysctl(host: DoctorHost, path: string): number | undefined {
  const text = host.readText(`/proc/sys/${path}`);
  const number = Number(text);
  return text === undefined || text.trim() === "" || Number.isNaN(number) ? undefined : number;
}

/** The kernel takes the greater of the value for all interfaces and that of the one. */
export function effectiveSysctl(host: DoctorHost, interfaceName: string, key: string): number | undefined {
  const values = ["all", interfaceName].map((name) => sysctl(host, `net/ipv4/conf/${name}/${key}`));
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

export interface InterfaceSetting {
  readonly interfaceName: string;
  readonly key: string;
  readonly value: number;
}

/** Sets a kernel setting of one interface, now and at each boot. */
export function setInterfaceSysctl({ interfaceName, key, value }: InterfaceSetting): Fix {
  // A name such as eth0.100 has a dot of its own, which sysctl takes as a slash.
  const name = `net.ipv4.conf.${interfaceName.replaceAll(".", "/")}.${key}`;
  return {
    advice: `set ${name} to ${value}`,
    commands: [["sysctl", "-w", `${name}=${value}`]],
    lasting: `write \`${name} = ${value}\` into /etc/sysctl.d/60-cloudvip.conf`,
  };
}
