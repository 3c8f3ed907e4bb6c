/** The results of the messages of a run. */
export interface MessageCounts {
  readonly accepted: number;
  /** Accepted, but they did not arrive. */
  readonly lost: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
}

/** Counts messages from two arrays by message number: accepted (1 or 0), and the number of copies that arrived. */
export function countMessages(accepted: Uint8Array, copies: Uint8Array): MessageCounts {
  let [sum, lost, duplicates] = [0, 0, 0];
  for (const [id, isAccepted] of accepted.entries()) {
    const arrived = copies[id] ?? 0;
    sum += isAccepted;
    if (isAccepted === 1 && arrived === 0) lost += 1;
    duplicates += Math.max(0, arrived - 1);
  }
  return { accepted: sum, lost, duplicates };
}
