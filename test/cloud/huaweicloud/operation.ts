import type { ApiFamily } from "./api-error.ts";
import type { CloudState } from "./wire.ts";

/** One call of the API, as far as its handler cares. */
export interface ApiCall {
  /** The variables of the operation's path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined when there was none. */
  readonly body: unknown;
}

interface ApiReply {
  readonly status: number;
  readonly body: unknown;
  /** What the cloud looks like after a write. */
  readonly state?: CloudState;
}

/** One operation of the real API. */
export interface Operation {
  /** The name in the service's documentation, such as `UpdatePort`; faults and the journal go by it. */
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST";
  /** Such as `/v1/{project_id}/ports/{port_id}`. */
  readonly path: string;
  readonly family: ApiFamily;
  /** The permission that it needs, such as `vpc:ports:update`. */
  readonly action: string;
  /**
   * Reads are given the cloud as it looks to readers, which may lag; writes are given it as it is.
   *
   * @throws {ApiError} as the real service refuses
   */
  handle(state: CloudState, call: ApiCall): ApiReply;
}

/** The operation that a method and path mean, and the variables of the path. */
export function findOperation(
  operations: readonly Operation[],
  method: string,
  path: string,
): { readonly operation: Operation; readonly variables: Readonly<Record<string, string>> } | undefined {
  for (const operation of operations) {
    const variables = operation.method === method ? matchPath(operation.path, path) : undefined;
    if (variables) return { operation, variables };
  }
  return undefined;
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const [expected, actual] = [template.split("/"), path.split("/")];
  if (expected.length !== actual.length) return undefined;
  const variables: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = decodeURIComponent(actual[index] ?? "");
    if (part.startsWith("{")) variables[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return variables;
}

/** The object under `key` of a request's body. */
export function bodyObject(call: ApiCall, key: string): Readonly<Record<string, unknown>> {
  const inner = isRecord(call.body) ? call.body[key] : undefined;
  return isRecord(inner) ? inner : {};
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A page as v1 lists are cut: `limit` entries after the one whose id is `marker`. */
export function page<T extends { readonly id: string }>(
  all: readonly T[],
  query: URLSearchParams,
): readonly T[] {
  const marker = query.get("marker");
  const start = marker ? all.findIndex((entry) => entry.id === marker) + 1 : 0;
  const limit = Number(query.get("limit") ?? DEFAULT_PAGE);
  return all.slice(start, start + limit);
}

const DEFAULT_PAGE = 2000;
