/** A refusal as the EC2 API words it. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
    this.status = STATUS[code] ?? 400;
  }
}

const STATUS: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  MissingAuthenticationToken: 403,
  UnauthorizedOperation: 403,
  DryRunOperation: 412,
  InternalError: 500,
  RequestLimitExceeded: 503,
};

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

/** The resource of a record, or the API's error for an unknown id. */
export function mustExist<Resource>(
  records: Readonly<Record<string, Resource>>,
  id: string,
  about: { readonly code: string; readonly noun: string },
): Resource {
  const found = records[id];
  if (!found) throw new AwsError(`${about.code}.NotFound`, `The ${about.noun} '${id}' does not exist`);
  return found;
}

export const INTERFACE = { code: "InvalidNetworkInterfaceID", noun: "networkInterface ID" };
export const ROUTE_TABLE = { code: "InvalidRouteTableID", noun: "routeTable ID" };
export const ALLOCATION = { code: "InvalidAllocationID", noun: "allocation ID" };
export const INSTANCE = { code: "InvalidInstanceID", noun: "instance ID" };
export const SUBNET = { code: "InvalidSubnetID", noun: "subnet ID" };
export const VPC = { code: "InvalidVpcID", noun: "vpc ID" };
export const GROUP = { code: "InvalidGroup", noun: "security group" };
export const NETWORK_ACL = { code: "InvalidNetworkAclID", noun: "networkAcl ID" };
export const PREFIX_LIST = { code: "InvalidPrefixListID", noun: "prefix list ID" };
