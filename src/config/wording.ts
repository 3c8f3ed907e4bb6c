/** A value for a sentence, cut short. */
export function describeValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** `; did you mean x?` when a known name is near, else nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const lastWord = (path: string) => path.split('.').at(-1)?.toLowerCase();
  const near = known
    .map(each => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const sameWord = known.find(each => lastWord(each) === lastWord(name));
  const best = sameWord ?? (near !== undefined && near.distance <= 3 ? near.each : undefined);
  return best === undefined ? '' : `; did you mean ${best}?`;
}

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
