import { AwsError } from "./aws-error.ts";

/** The parameters of one Query API call: `Name=value`, lists as `Name.1`, `Name.2`, members as `Name.1.Member`. */
export class Query {
  readonly #values: URLSearchParams;

  constructor(body: string) {
    this.#values = new URLSearchParams(body);
  }

  get(name: string): string | undefined {
    return this.#values.get(name) ?? undefined;
  }

  /** @throws {AwsError} `MissingParameter` */
  need(name: string): string {
    const value = this.get(name);
    if (value === undefined || value === "") {
      throw new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
    }
    return value;
  }

  flag(name: string): boolean {
    return this.get(name) === "true";
  }

  /** The values of `Name.1`, `Name.2`, … */
  list(name: string): readonly string[] {
    const values: string[] = [];
    for (let index = 1; this.#values.has(`${name}.${index}`); index++) {
      values.push(this.need(`${name}.${index}`));
    }
    return values;
  }

  /** @throws {AwsError} `MissingParameter` for an empty list */
  needList(name: string): readonly string[] {
    const values = this.list(name);
    if (values.length === 0) {
      throw new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
    }
    return values;
  }

  /** One member of each structure in a list: `Name.1.Member`, `Name.2.Member`, … */
  members(name: string, member: string): readonly string[] {
    const values: string[] = [];
    for (let index = 1; this.#values.has(`${name}.${index}.${member}`); index++) {
      values.push(this.need(`${name}.${index}.${member}`));
    }
    return values;
  }

  /** `Filter.N.Name` with its `Filter.N.Value.M`. */
  filters(): ReadonlyMap<string, readonly string[]> {
    const filters = new Map<string, readonly string[]>();
    for (let index = 1; this.#values.has(`Filter.${index}.Name`); index++) {
      filters.set(this.need(`Filter.${index}.Name`), this.list(`Filter.${index}.Value`));
    }
    return filters;
  }

  /** For the journal. */
  plain(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#values);
  }
}
