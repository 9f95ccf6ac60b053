/** The candidate that `word` is most likely a misspelling of; undefined when none is close. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const written = normalise(word);
  const limit = Math.max(1, Math.floor(written.length / 3));
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(written, normalise(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** keepalived's words have underscores; people write hyphens, spaces and capitals. */
function normalise(word: string): string {
  return word
    .slice(0, 60)
    .toLowerCase()
    .replaceAll(/[\s_.-]/g, "");
}

/** Levenshtein's distance: how many characters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
