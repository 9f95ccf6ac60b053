import type { z } from "zod";
import { describeIssues } from "./issues.ts";
import type { Mistake } from "./mistake.ts";
import { optionAt } from "./option-tree.ts";
import type { DocumentPath } from "./problem.ts";
import type { ProviderBlock } from "./provider-block.ts";
import { formFor, formsOf, mergeForms, type OptionForm, purposeOf } from "./provider-forms.ts";

/**
 * Checks what a `provider` block says to the provider alone, with the provider's own schema. `file` is where people read
 * about its options.
 *
 * @throws whatever a schema that is none of zod 4's, or needs promises, throws
 */
export function providerOptionMistakes(
  block: ProviderBlock,
  schema: z.ZodType,
  file: string,
): readonly Mistake[] {
  const parsed = schema.safeParse(block.options);
  if (parsed.success) return [];
  const forms = formsOf(schema);
  const fitting = formFor(forms, block.options) ?? mergeForms(forms);
  const properties = { ...optionAt(providerPath("NAME"))?.properties, ...fitting.properties };
  const manual = { tree: { type: "object", properties }, file, outermost: "here" };
  return describeIssues(parsed.error.issues, block.options, manual).map((mistake) => ({
    ...mistake,
    fix: Object.hasOwn(properties, mistake.path[0] ?? "")
      ? mistake.fix
      : (otherForm(forms, mistake) ?? mistake.fix),
    path: [...providerPath(block.instance), ...mistake.path],
  }));
}

/** Where an instance names its provider. */
export function providerPath(instance: string): DocumentPath {
  return ["vrrp_instance", instance, "provider"];
}

/** An option that exists, but not beside the others that were written: most often one of another mechanism. */
function otherForm(forms: readonly OptionForm[], { path: [key] }: Mistake): string | undefined {
  const owner = forms.find(({ properties }) => Object.hasOwn(properties ?? {}, key ?? ""));
  const purpose = owner && purposeOf(owner);
  return purpose && `remove it: it belongs to ${purpose}`;
}
