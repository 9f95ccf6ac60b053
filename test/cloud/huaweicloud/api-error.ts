/** The service answers errors in three shapes, by the age of the API that was asked. */
export type ApiFamily = "v1" | "v3" | "neutron";

/** A refusal as the real service words it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;
  /** `VPC.0504`, `APIGW.0308`; the type for Neutron, such as `PortNotFound`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Errors of the gateway before the service itself have the v3 shape, whichever API was called. */
export function errorBody(error: ApiError, family: ApiFamily, requestId: string): unknown {
  if (error.code.startsWith("APIGW.") || family === "v3") {
    return { error_code: error.code, error_msg: error.message, request_id: requestId };
  }
  if (family === "v1") return { code: error.code, message: error.message };
  return { NeutronError: { type: error.code, message: error.message, detail: "" } };
}

/** v1 and Neutron name a missing resource differently; the HTTP status is the same. */
export function notFound(family: ApiFamily, kind: keyof typeof V1_NOT_FOUND, id: string): ApiError {
  if (family === "neutron") return new ApiError(404, `${kind}NotFound`, `${kind} ${id} could not be found.`);
  return new ApiError(404, V1_NOT_FOUND[kind], `${kind} ${id} could not be found.`);
}

/** Documented per resource; ports and route tables share the code for "resource not found". */
const V1_NOT_FOUND = {
  Port: "VPC.2204",
  RouteTable: "VPC.2204",
  PublicIp: "VPC.0504",
  Subnet: "VPC.0202",
  Vpc: "VPC.0003",
} as const;
