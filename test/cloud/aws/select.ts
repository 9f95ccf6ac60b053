import { AwsError, mustExist } from "./aws-error.ts";
import type { Query } from "./query.ts";

export interface Selection<Resource> {
  readonly resources: readonly [id: string, resource: Resource][];
  /** Empty means all. */
  readonly ids: readonly string[];
  readonly notFound: { readonly code: string; readonly noun: string };
  /** The values of a resource that a filter of that name compares. */
  readonly filters: Readonly<
    Record<string, (entry: readonly [string, Resource]) => readonly (string | undefined)[]>
  >;
}

/** What a Describe call selects: every id must exist, then all filters must match with one of their values. */
export function select<Resource>(query: Query, selection: Selection<Resource>): [string, Resource][] {
  const byId = Object.fromEntries(selection.resources);
  for (const id of selection.ids) mustExist(byId, id, selection.notFound);
  let found = selection.resources.filter(([id]) => selection.ids.length === 0 || selection.ids.includes(id));
  for (const [name, values] of query.filters()) {
    const valuesOf = selection.filters[name];
    if (!valuesOf) throw new AwsError("InvalidParameterValue", `The filter '${name}' is invalid`);
    found = found.filter((entry) =>
      valuesOf(entry).some((value) => value !== undefined && values.includes(value)),
    );
  }
  return found;
}
