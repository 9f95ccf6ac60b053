/** One request as the cloud understands it, known before it is carried out: what faults match on and what is journaled. */
export interface CloudCall {
  readonly surface: "api" | "metadata";
  /** The API's own name, such as `AssignPrivateIpAddresses` or `PUT /v1/{project}/ports`; the path for metadata. */
  readonly action: string;
  /** The caller: an instance's id where it is known, else the access key id, else `anonymous`. */
  readonly who: string;
  /** True when the call changes nothing. */
  readonly read: boolean;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface CloudRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface CloudAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The error code for the journal; absent means success. */
  readonly error?: string;
}
