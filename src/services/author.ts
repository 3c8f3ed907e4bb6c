import { authorOf, type Principal } from '../core/account.ts';
import type { Author } from '../store/audit.ts';

/** Who asks, as the author of what changes now. */
export function asAuthor(principal: Pick<Principal, 'by'>, now: () => number): Author {
  return { by: authorOf(principal), at: now() };
}
