import type { Answer } from "../check.ts";

interface OfInstance {
  readonly instance: string;
  readonly answer: Answer;
}

/**
 * The answers of several instances to one question. What was found somewhere outweighs what was not seen elsewhere, and that
 * outweighs what is fine; notes that differ name their instance.
 */
export function mergeAnswers(answers: readonly OfInstance[]): Answer {
  const discoveries = answers.flatMap(({ answer }) => (answer.kind === "found" ? answer.discoveries : []));
  if (discoveries.length > 0) return { kind: "found", discoveries };
  const unseen = answers.flatMap(({ instance, answer }) =>
    answer.kind === "unseen" ? [{ instance, text: answer.why }] : [],
  );
  if (unseen.length > 0) return { kind: "unseen", why: said(unseen) };
  const fine = answers.flatMap(({ instance, answer }) =>
    answer.kind === "fine" ? [{ instance, text: answer.note }] : [],
  );
  return fine.length > 0 ? { kind: "fine", note: said(fine) } : { kind: "idle" };
}

function said(parts: readonly { readonly instance: string; readonly text: string }[]): string {
  const texts = new Set(parts.map(({ text }) => text));
  if (texts.size === 1) return [...texts].join();
  return parts.map(({ instance, text }) => `${instance}: ${text}`).join("; ");
}
