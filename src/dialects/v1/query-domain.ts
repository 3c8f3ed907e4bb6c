import { parseDomain } from '../../core/domain.ts';
import type { QueryReader } from './query.ts';

/** The parameter `domain` in the form in which domains are compared. */
export function readDomain(query: QueryReader): string | undefined {
  const text = query.text('domain');
  if (text === undefined) return undefined;
  const domain = parseDomain(text.replace(/^@/, ''));
  if (domain.ok) return domain.value;
  query.refuse('domain', 'must be a domain');
  return undefined;
}
