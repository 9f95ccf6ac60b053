import * as z from "zod";

/**
 * What people read about an option. The reference file, the JSON Schema for editors and the messages of `cloudvip check` are
 * all made of it, so an option is described in one place.
 */
export interface OptionText {
  /** What it does, in one or two sentences. */
  readonly description: string;
  /** Why the default is what it is, or when to change it. */
  readonly why: string;
  /** The default in words, when it is no constant. */
  readonly defaultText?: string;
  /** What the reference file shows when there is no constant default. */
  readonly example?: unknown;
}

/** An option read from text: its value, or what is wrong with the text and what to write. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly fix: string };

/** Puts the prose beside the schema. `.meta` copies the schema for that, and every start would pay for some fifty copies. */
export function described<Schema extends z.ZodType>(
  schema: Schema,
  prose: OptionText & { readonly expects: string } & z.core.GlobalMeta,
): Schema {
  z.globalRegistry.add(schema, prose);
  return schema;
}

/** A whole number within a range, both ends included. */
export function integer(range: { readonly min: number; readonly max: number }, text: OptionText) {
  return described(z.int().check(z.gte(range.min), z.lte(range.max)), {
    ...text,
    expects: `a whole number from ${range.min} to ${range.max}`,
  });
}

export function flag(text: OptionText) {
  return described(z.boolean(), { ...text, expects: "true or false" });
}

export function choice<const T extends readonly string[]>(values: T, text: OptionText) {
  const expects = values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;
  return described(z.enum(values), { ...text, expects });
}

/** Text that `read` turns into a value; `expects` completes "write …". */
export function readText<T>(expects: string, read: (value: string) => Reading<T>, text: OptionText) {
  return described(reading(z.string(), read), { ...text, expects });
}

/** `input`, followed by a reader that can say what is wrong in its own words. */
export function reading<Input extends z.ZodType, T>(
  input: Input,
  read: (value: z.output<Input>) => Reading<T>,
) {
  return input.transform((value, context): T => {
    const outcome = read(value);
    if (outcome.ok) return outcome.value;
    context.issues.push({
      code: "custom",
      message: outcome.message,
      params: { fix: outcome.fix },
      input: value,
    });
    return z.NEVER;
  });
}
