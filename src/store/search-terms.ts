import { domainOf } from '../core/address.ts';
import type { EventType } from '../core/event.ts';
import type { MessageFilter, MessageView } from '../core/message-view.ts';
import type { RecipientState } from '../core/outcome.ts';

// The vocabulary of the search index, the same in every engine: a term is `kind:value`, without control characters.
// The index only finds candidates, so a term may stand for more than it says. States that most messages have, or
// pass through, are no terms: going through the newest messages finds them sooner than an index would.

const MAX_TERM_LENGTH = 200;
const MIN_WORD_LENGTH = 2;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const CONTROLS = /\p{Cc}/gu;
const INDEXED_STATES: readonly (RecipientState & EventType)[] = [
  'bounced',
  'failed',
  'expired',
  'cancelled',
  'unknown',
];

/** The terms that a message is known by. */
export function messageTerms(message: MessageView): string[] {
  const terms = [`account:${message.account}`];
  for (const { address, state } of message.recipients) {
    terms.push(`to:${address}`, `to:@${domainOf(address)}`);
    if (isIndexed(state)) terms.push(`state:${state}`);
  }
  for (const address of [message.sender, message.from]) {
    if (address !== '') terms.push(`from:${address}`, `from:@${domainOf(address)}`);
  }
  for (const tag of message.tags) terms.push(`tag:${tag}`);
  terms.push(...metadataTerms(message.metadata));
  terms.push(...wordTerms(message.subject));
  return [...new Set(terms.map(tidy))];
}

/** Whether an event changes the terms of its message. */
export function changesTerms(type: EventType): boolean {
  return type === 'accepted' || isIndexed(type);
}

/** Terms that every message matching a filter has; empty when the index cannot help. */
export function filterTerms(filter: MessageFilter): string[] {
  const { account, recipient, sender, tag, metadata = {}, words, state } = filter;
  const terms: string[] = [];
  if (account !== undefined) terms.push(`account:${account}`);
  if (recipient !== undefined) terms.push(`to:${recipient}`);
  if (sender !== undefined) terms.push(`from:${sender}`);
  if (tag !== undefined) terms.push(`tag:${tag}`);
  terms.push(...metadataTerms(metadata));
  for (const text of words ?? []) terms.push(...wordTerms(text));
  if (state !== undefined && isIndexed(state)) terms.push(`state:${state}`);
  return terms.map(tidy);
}

/** The words of a text: runs of letters, marks and digits in lower case, composed so that equal text is equal. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(WORD) ?? [];
}

function metadataTerms(metadata: MessageView['metadata']): string[] {
  return Object.entries(metadata).map(([name, value]) => `metadata:${name}=${value}`);
}

function isIndexed(state: string): boolean {
  return INDEXED_STATES.some(one => one === state);
}

/** Single characters stand in too many subjects to be worth a place in the index. */
function wordTerms(text: string): string[] {
  const words = wordsOf(text).filter(word => word.length >= MIN_WORD_LENGTH);
  return words.map(word => `word:${word}`);
}

function tidy(term: string): string {
  return term.slice(0, MAX_TERM_LENGTH).replace(CONTROLS, ' ');
}
