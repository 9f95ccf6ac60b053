import type { Operation } from "./operation.ts";
import { associateAddress, describeAddresses, disassociateAddress } from "./operations/elastic-addresses.ts";
import {
  describeInstances,
  describeInstanceTypes,
  describeSubnets,
  describeVpcEndpoints,
  describeVpcs,
  modifyInstanceMetadataOptions,
} from "./operations/instances.ts";
import {
  attachNetworkInterface,
  describeNetworkInterfaceAttribute,
  describeNetworkInterfaces,
  detachNetworkInterface,
  modifyNetworkInterfaceAttribute,
} from "./operations/interfaces.ts";
import { assignIpv6Addresses, unassignIpv6Addresses } from "./operations/ipv6-addresses.ts";
import { assignPrivateIpAddresses, unassignPrivateIpAddresses } from "./operations/private-addresses.ts";
import { createRoute, deleteRoute, describeRouteTables, replaceRoute } from "./operations/routes.ts";
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  createNetworkAclEntry,
  describeNetworkAcls,
  describeSecurityGroups,
  getManagedPrefixListEntries,
} from "./operations/security.ts";

/** The actions that the emulator knows, by the API's names. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AssignIpv6Addresses: assignIpv6Addresses,
  AssignPrivateIpAddresses: assignPrivateIpAddresses,
  AssociateAddress: associateAddress,
  AttachNetworkInterface: attachNetworkInterface,
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  CreateNetworkAclEntry: createNetworkAclEntry,
  CreateRoute: createRoute,
  DeleteRoute: deleteRoute,
  DescribeAddresses: describeAddresses,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstances: describeInstances,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaceAttribute: describeNetworkInterfaceAttribute,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeVpcEndpoints: describeVpcEndpoints,
  DescribeVpcs: describeVpcs,
  DetachNetworkInterface: detachNetworkInterface,
  DisassociateAddress: disassociateAddress,
  GetManagedPrefixListEntries: getManagedPrefixListEntries,
  ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ReplaceRoute: replaceRoute,
  UnassignIpv6Addresses: unassignIpv6Addresses,
  UnassignPrivateIpAddresses: unassignPrivateIpAddresses,
};
