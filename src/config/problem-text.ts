/** Formats a value for an error text, with at most 60 characters. */
export function describeValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Returns `; did you mean x?` if a known name is similar, or else ''. */
export function suggestion(name: string, known: readonly string[]): string {
  const lastWord = (path: string) => path.split('.').at(-1)?.toLowerCase();
  const nearest = known
    .map(each => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const sameWord = known.find(each => lastWord(each) === lastWord(name));
  const best = sameWord ?? (nearest !== undefined && nearest.distance <= 3 ? nearest.each : undefined);
  return best === undefined ? '' : `; did you mean ${best}?`;
}

/** The Levenshtein distance: the least number of inserted, removed or replaced characters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
