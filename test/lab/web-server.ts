import { writeFileSync } from "node:fs";
import { labPath } from "./daemon.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import type { RunningProcess } from "./process.ts";

/** Starts Debian's nginx on a host; it answers every request on port 80. Kill it with `killTree`. */
export function startWebServer(lab: Lab, host: Host): RunningProcess {
  const path = labPath(lab, host, "-nginx.conf");
  writeFileSync(
    path,
    [
      `pid ${path}.pid;`,
      "error_log stderr;",
      "worker_processes 1;",
      "events {}",
      "http {",
      "  access_log off;",
      '  server { listen 80; location / { return 200 "served by nginx"; } }',
      "}",
      "",
    ].join("\n"),
  );
  return host.spawn(["nginx", "-c", path, "-g", "daemon off;"]);
}
