import type { DoctorHost } from "./host.ts";

/** A unit that systemd was told to start; links to it lie in the directories of what wants it. */
export function isEnabled(host: DoctorHost, unit: string): boolean {
  return ["/etc/systemd/system", "/run/systemd/system"].some((directory) =>
    host
      .list(directory)
      .filter((name) => name.endsWith(".wants"))
      .some((name) => host.list(`${directory}/${name}`).includes(unit)),
  );
}

/** Whether there is such a unit, enabled or not. */
export function isInstalled(host: DoctorHost, unit: string): boolean {
  return ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"].some((directory) =>
    host.list(directory).includes(unit),
  );
}
