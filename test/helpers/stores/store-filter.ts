import type { MessageFilter, MessageView } from '../../../src/core/message-view.ts';

/** Whether a message matches a filter, said as plainly as can be: what every engine's search is held against. */
export function matches(view: MessageView, providers: readonly number[], filter: MessageFilter): boolean {
  const { id, account, recipient, sender, state, tag, metadata = {}, provider, words, since, until } = filter;
  const isWaiting = view.recipients.some(one => one.dueAt !== undefined);
  const subjectWords = wordsOf(view.subject);
  return (
    (id === undefined || view.id === id) &&
    (account === undefined || view.account === account) &&
    (recipient === undefined || view.recipients.some(one => isAt(one.address, recipient))) &&
    (sender === undefined || isAt(view.sender, sender) || isAt(view.from, sender)) &&
    (state === undefined || view.recipients.some(one => one.state === state)) &&
    (tag === undefined || view.tags.includes(tag)) &&
    Object.entries(metadata).every(([name, value]) => view.metadata[name] === value) &&
    (provider === undefined || providers.includes(provider) || (isWaiting && view.lane === provider)) &&
    (words === undefined || words.flatMap(wordsOf).every(word => subjectWords.includes(word))) &&
    (since === undefined || view.createdAt >= since) &&
    (until === undefined || view.createdAt < until)
  );
}

function isAt(address: string, wanted: string): boolean {
  return wanted.startsWith('@') ? address.endsWith(wanted) : address === wanted;
}

function wordsOf(text: string): string[] {
  const parts = text.toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u);
  return parts.filter(part => part !== '');
}
