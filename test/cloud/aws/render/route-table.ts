import { attachmentAt, type Route, type RouteTable } from "../state.ts";
import type { XmlObject } from "../xml.ts";
import type { View } from "./interface.ts";

export function routeTableXml(view: View, routeTableId: string, table: RouteTable): XmlObject {
  const associationState = { state: "associated" };
  const main = {
    routeTableAssociationId: `rtbassoc-main-${routeTableId}`,
    routeTableId,
    main: true,
    associationState,
  };
  const subnets = table.subnetIds.map((subnetId) => ({
    routeTableAssociationId: `rtbassoc-${subnetId}`,
    routeTableId,
    subnetId,
    main: false,
    associationState,
  }));
  return {
    routeTableId,
    vpcId: table.vpcId,
    ownerId: view.account.accountId,
    routeSet: table.routes.map((route) => routeXml(view, route)),
    associationSet: table.main ? [main, ...subnets] : subnets,
    propagatingVgwSet: [],
    tagSet: [],
  };
}

function routeXml(view: View, { destination, target, origin }: Route): XmlObject {
  const key = destination.includes(":") ? "destinationIpv6CidrBlock" : "destinationCidrBlock";
  if ("gatewayId" in target) {
    const gateway = target.gatewayId.startsWith("nat-") ? "natGatewayId" : "gatewayId";
    return { [key]: destination, [gateway]: target.gatewayId, state: "active", origin };
  }
  const holder = view.state.interfaces[target.interfaceId];
  const instanceId = holder && attachmentAt(holder, view.time)?.instanceId;
  const running = view.state.instances[instanceId ?? ""]?.state === "running";
  return {
    [key]: destination,
    instanceId,
    instanceOwnerId: instanceId && view.account.accountId,
    networkInterfaceId: target.interfaceId,
    // A route whose interface is attached to no running instance leads nowhere.
    state: running ? "active" : "blackhole",
    origin,
  };
}
