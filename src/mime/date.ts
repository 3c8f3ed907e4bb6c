/** Formats a time (epoch ms) for the Date field: RFC 5322 3.3, in UTC. */
export function mailDate(epochMs: number): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) throw new Error(`Invalid time: ${epochMs}`);
  return date.toUTCString().replace('GMT', '+0000');
}
