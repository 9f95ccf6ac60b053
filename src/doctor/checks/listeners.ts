import type { VirtualAddress } from "../../config/config.ts";
import { answer, type Check, type Discovery } from "../check.ts";
import type { DoctorHost } from "../host.ts";
import { filesNaming } from "../mentions.ts";
import { sysctl } from "../sysctl.ts";
import { virtualAddressesOf } from "../virtual-addresses.ts";

/** Programs that serve on a virtual address. */
export const LISTENER_CHECKS: readonly Check[] = [
  {
    code: "host/ip-nonlocal-bind",
    title: "programs may bind the virtual addresses before they are here",
    severity: "warning",
    why: "A proxy whose configuration names the VIP cannot start on a BACKUP, where the address is not, unless net.ipv4.ip_nonlocal_bind is 1; after a failover nobody serves. Programs that listen on all addresses do not need it.",
    run: ({ config, host }) => {
      const found = config.instances.flatMap(virtualAddressesOf).flatMap((entry) => cannotBind(entry, host));
      return answer(found, "none needs it, or the kernel lets them");
    },
  },
];

const KEY = "net.ipv4.ip_nonlocal_bind";

const PLACES = [
  "/etc/haproxy/haproxy.cfg",
  "/etc/haproxy/conf.d",
  "/etc/nginx/nginx.conf",
  "/etc/nginx/conf.d",
  "/etc/nginx/sites-enabled",
  "/etc/nginx/stream.d",
  "/etc/apache2/ports.conf",
  "/etc/apache2/sites-enabled",
  "/etc/httpd/conf/httpd.conf",
  "/etc/httpd/conf.d",
  "/etc/envoy/envoy.yaml",
  "/etc/squid/squid.conf",
  "/etc/bind/named.conf.options",
  "/etc/unbound/unbound.conf.d",
];

function cannotBind(entry: VirtualAddress, host: DoctorHost): readonly Discovery[] {
  if (sysctl(host, "net/ipv4/ip_nonlocal_bind") !== 0) return [];
  return filesNaming(entry, PLACES, host).map((file) => ({
    message: `${file} names ${entry.address}, and ${KEY} is 0`,
    evidence: [`${KEY} is 0`],
    consequence: "the program cannot start, or not reload, while this node is BACKUP",
    fix: {
      advice: `set ${KEY} to 1`,
      commands: [["sysctl", "-w", `${KEY}=1`]],
      lasting: `write \`${KEY} = 1\` into /etc/sysctl.d/60-cloudvip.conf`,
    },
  }));
}
