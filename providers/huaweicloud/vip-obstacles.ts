/** What can be wrong with a virtual IP, worded once for errors and for readiness. */
import type { IpAddress } from "../../src/base/ip.ts";
import type { Obstacle } from "../../src/provider/contract.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Self } from "./own-interface.ts";
import { BINDINGS_MAX, VIP_DEVICE_OWNER } from "./pairs.ts";
import type { Port, PublicIp } from "./vpc.ts";

/** `holder` is the port that has the address, if any. */
export function noVirtualIp(vip: IpAddress, self: Self, holder: Port | undefined): ProviderError {
  const operation = "vpc:ports:get";
  if (!holder) {
    return new ProviderError({
      kind: "not-found",
      operation,
      message: `${vip} is no virtual IP of the subnet ${self.networkId}`,
      hint: "Create it (console: subnet, IP addresses, assign virtual IP address), and bind it to every node.",
    });
  }
  return new ProviderError({
    kind: "misconfigured",
    operation,
    message: `${vip} belongs to the port ${holder.id} (device_owner "${holder.device_owner}"), which is no virtual IP`,
    hint: `Use another address, or make it anew with device_owner ${VIP_DEVICE_OWNER}.`,
  });
}

export function notBound(vip: IpAddress, port: Port, own: IpAddress): Obstacle {
  const bindings = port.allowed_address_pairs.length;
  if (bindings >= BINDINGS_MAX) {
    return {
      code: "huaweicloud/binding-limit",
      message: `the virtual IP ${vip} is bound to ${bindings} interfaces, the most there can be, and not to ${own}`,
      hint: "Unbind it from an interface that does not need it.",
    };
  }
  return {
    code: "huaweicloud/not-bound",
    message: `the virtual IP ${vip} is not bound to ${own}: after a failover it would be unreachable until the API is called`,
    hint: `Bind the virtual IP (port ${port.id}) to this server's network interface.`,
  };
}

export function eipElsewhere(vip: IpAddress, port: Port, eip: PublicIp): Obstacle {
  return {
    code: "huaweicloud/eip-elsewhere",
    message: `the EIP ${eip.id} is bound to the port ${eip.port_id}, not to the virtual IP ${vip} (port ${port.id})`,
    hint: "Unbind it there and bind it to the virtual IP; it then follows every failover with no call.",
  };
}
