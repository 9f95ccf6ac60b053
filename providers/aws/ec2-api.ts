/**
 * The operations of EC2 that the provider calls. The SDK's class with all 700 takes a second to load, and 70 MB; what is not
 * named here, the build leaves out.
 */
import {
  AssignIpv6AddressesCommand,
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  AttachNetworkInterfaceCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DetachNetworkInterfaceCommand,
  type EC2,
  EC2Client,
  type EC2ClientConfig,
  GetManagedPrefixListEntriesCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceRouteCommand,
  UnassignIpv6AddressesCommand,
} from "@aws-sdk/client-ec2";

const OPERATIONS = {
  assignIpv6Addresses: AssignIpv6AddressesCommand,
  assignPrivateIpAddresses: AssignPrivateIpAddressesCommand,
  associateAddress: AssociateAddressCommand,
  attachNetworkInterface: AttachNetworkInterfaceCommand,
  authorizeSecurityGroupEgress: AuthorizeSecurityGroupEgressCommand,
  authorizeSecurityGroupIngress: AuthorizeSecurityGroupIngressCommand,
  createRoute: CreateRouteCommand,
  createNetworkAclEntry: CreateNetworkAclEntryCommand,
  modifyInstanceMetadataOptions: ModifyInstanceMetadataOptionsCommand,
  describeAddresses: DescribeAddressesCommand,
  describeInstanceTypes: DescribeInstanceTypesCommand,
  describeInstances: DescribeInstancesCommand,
  describeNetworkAcls: DescribeNetworkAclsCommand,
  describeNetworkInterfaces: DescribeNetworkInterfacesCommand,
  describeRouteTables: DescribeRouteTablesCommand,
  describeSecurityGroups: DescribeSecurityGroupsCommand,
  describeSubnets: DescribeSubnetsCommand,
  describeVpcEndpoints: DescribeVpcEndpointsCommand,
  detachNetworkInterface: DetachNetworkInterfaceCommand,
  getManagedPrefixListEntries: GetManagedPrefixListEntriesCommand,
  modifyNetworkInterfaceAttribute: ModifyNetworkInterfaceAttributeCommand,
  replaceRoute: ReplaceRouteCommand,
  unassignIpv6Addresses: UnassignIpv6AddressesCommand,
} as const;

export type Ec2Api = EC2Client & Pick<EC2, keyof typeof OPERATIONS>;

/** A client with a method for each of these operations, as the SDK's class `EC2` has it. */
export function openEc2Api(config: EC2ClientConfig): Ec2Api {
  const client = new EC2Client(config);
  const methods = Object.entries(OPERATIONS).map(([name, Operation]) => {
    // Each operation's input and output have types of their own, which `Ec2Api` tells the callers.
    const Any = Operation as unknown as new (input: unknown) => AssignIpv6AddressesCommand;
    return [name, (input: unknown, http: object) => client.send(new Any(input), http)];
  });
  return Object.assign(client, Object.fromEntries(methods));
}
