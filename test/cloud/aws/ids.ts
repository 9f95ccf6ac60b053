let last = 0;

/** A new id in EC2's form: a prefix and 17 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}-0${(++last).toString(16).padStart(16, "0")}`;
}
