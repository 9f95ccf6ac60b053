import { notFound } from "./api-error.ts";
import { type Operation, page } from "./operation.ts";

/** Subnets and VPCs, to be read only. */
export const networkOperations: readonly Operation[] = [
  {
    name: "ShowSubnet",
    method: "GET",
    path: "/v1/{project_id}/subnets/{subnet_id}",
    family: "v1",
    action: "vpc:subnets:get",
    handle: (state, call) => {
      const id = call.path["subnet_id"] ?? "";
      const subnet = state.subnets[id];
      if (!subnet) throw notFound("v1", "Subnet", id);
      return { status: 200, body: { subnet } };
    },
  },
  {
    name: "ListSubnets",
    method: "GET",
    path: "/v1/{project_id}/subnets",
    family: "v1",
    action: "vpc:subnets:get",
    handle: (state, call) => ({
      status: 200,
      body: { subnets: page(Object.values(state.subnets), call.query) },
    }),
  },
  {
    name: "ShowVpc",
    method: "GET",
    path: "/v1/{project_id}/vpcs/{vpc_id}",
    family: "v1",
    action: "vpc:vpcs:get",
    handle: (state, call) => {
      const id = call.path["vpc_id"] ?? "";
      const vpc = state.vpcs[id];
      if (!vpc) throw notFound("v1", "Vpc", id);
      return { status: 200, body: { vpc } };
    },
  },
];
