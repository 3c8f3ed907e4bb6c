import { domainOf } from '../core/address.ts';
import type { EventType } from '../core/event.ts';
import type { RecipientState } from '../core/outcome.ts';
import type { MessageFilter, MessageView } from './store.ts';

// The vocabulary of the search index, the same in every engine: a term is `kind:value`. States that most messages
// have, or pass through, are no terms: going through the newest messages finds them sooner than an index would.

const MAX_TERM_LENGTH = 200;
const WORD = /[\p{L}\p{N}]{2,}/gu;
const INDEXED_STATES: readonly string[] = [
  'bounced',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] satisfies RecipientState[];

/** Every term that events can add to a message. */
export const STATE_TERMS: readonly string[] = INDEXED_STATES.map(state => `state:${state}`);

/** The terms that a message is known by from its acceptance on. */
export function acceptanceTerms(message: MessageView): string[] {
  const terms: string[] = [];
  for (const { address } of message.recipients) terms.push(`to:${address}`, `to:@${domainOf(address)}`);
  for (const address of new Set([message.sender, message.from])) {
    if (address !== '') terms.push(`from:${address}`, `from:@${domainOf(address)}`);
  }
  for (const tag of message.tags) terms.push(`tag:${tag}`);
  for (const word of wordsOf(message.subject)) terms.push(`word:${word}`);
  return [...new Set(terms.map(shorten))];
}

/** The terms that an event adds to its message. */
export function eventTerms(type: EventType): string[] {
  return INDEXED_STATES.includes(type) ? [`state:${type}`] : [];
}

/** The terms that every message matching a filter has; empty when the index cannot help. */
export function filterTerms(filter: MessageFilter): string[] {
  const terms: string[] = [];
  if (filter.recipient !== undefined) terms.push(`to:${filter.recipient}`);
  if (filter.sender !== undefined) terms.push(`from:${filter.sender}`);
  if (filter.tag !== undefined) terms.push(`tag:${filter.tag}`);
  for (const word of filter.words ?? []) terms.push(`word:${word.toLowerCase()}`);
  if (filter.state !== undefined && INDEXED_STATES.includes(filter.state))
    terms.push(`state:${filter.state}`);
  return terms.map(shorten);
}

function wordsOf(subject: string): string[] {
  return subject.toLowerCase().match(WORD) ?? [];
}

function shorten(term: string): string {
  return term.slice(0, MAX_TERM_LENGTH);
}
