import { authorOf, type Principal } from '../core/account.ts';
import type { Author } from '../store/audit.ts';

/** Makes the author of an audit entry from the caller and the present time. */
export function asAuthor(principal: Pick<Principal, 'by'>, now: () => number): Author {
  return { by: authorOf(principal), at: now() };
}
