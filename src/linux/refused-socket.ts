import { OperatorError } from "../base/errors.ts";
import { SystemCallError } from "./libc.ts";

/** What an operator reads when the kernel refuses to open `what`; errors that are no refusal are returned as they are. */
export function refusedSocket(what: string, error: unknown): unknown {
  if (!(error instanceof SystemCallError)) return error;
  if (error.code === "EPERM") {
    return new OperatorError(
      {
        code: "linux/no-cap-net-raw",
        message: `this process may not open ${what}: it lacks CAP_NET_RAW`,
        hint: "run as root, or put `AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN` into the systemd unit",
      },
      { cause: error },
    );
  }
  return new OperatorError(
    {
      code: "linux/socket-refused",
      message: `the kernel refuses to open ${what}: ${error.code}`,
      hint: "EAFNOSUPPORT under systemd: let RestrictAddressFamilies= name AF_INET, AF_PACKET and AF_NETLINK; EMFILE: raise LimitNOFILE=",
    },
    { cause: error },
  );
}
