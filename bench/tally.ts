/** What became of the messages of a run. */
export interface Tally {
  readonly accepted: number;
  /** Accepted, but they never came. */
  readonly lost: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
}

/** Counts, from what was accepted (1 or 0) and how often it came, each by number. */
export function tally(accepted: Uint8Array, copies: Uint8Array): Tally {
  let [sum, lost, duplicates] = [0, 0, 0];
  for (const [id, isAccepted] of accepted.entries()) {
    const came = copies[id] ?? 0;
    sum += isAccepted;
    if (isAccepted === 1 && came === 0) lost += 1;
    duplicates += Math.max(0, came - 1);
  }
  return { accepted: sum, lost, duplicates };
}
