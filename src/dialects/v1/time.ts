import type { Problems } from './problems.ts';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** What is said of a text that is no time. */
export const TIME_WORDS = 'must be a time as in RFC 3339, such as 2030-01-31T09:00:00Z';

/** Epoch ms of an RFC 3339 date-time; undefined, and a problem, when it is none. */
export function readTime(text: string, field: string, problems: Problems): number | undefined {
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  const ms = Date.parse(text.toUpperCase());
  // Date.parse takes 30 February for 2 March.
  const isRealDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  if (year !== undefined && isRealDay && Number.isFinite(ms)) return ms;
  problems.add(field, TIME_WORDS);
  return undefined;
}

/** Epoch ms as RFC 3339 in UTC. */
export function sayTime(ms: number): string {
  return new Date(ms).toISOString();
}
