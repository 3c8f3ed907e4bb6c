import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterOf, isMessageId, parseSearch, searchText } from './message-filter.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 30);

test('filterOf keeps the filters of a query and drops everything else', () => {
  expect(filterOf({ state: 'bounced', tab: 'raw', words: '', provider: '3' }, NOW)).toEqual({
    state: 'bounced',
    provider: '3',
  });
});

test('filterOf turns a range into a start time in whole minutes', () => {
  expect(filterOf({ range: '3600000' }, NOW)).toEqual({ since: '2026-11-21T11:00:00.000Z' });
  expect(filterOf({ range: 'long' }, NOW)).toEqual({});
});

test.each([
  ['ada@example.net', { recipient: 'ada@example.net' }],
  ['@example.net', { recipient: '@example.net' }],
  ['hello  world', { words: 'hello world' }],
  ['from:shop@example.com TAG:order hello', { sender: 'shop@example.com', tag: 'order', words: 'hello' }],
  ['a@b.test c@d.test', { recipient: 'a@b.test', words: 'c@d.test' }],
  ['time: 12:30 tag:', { words: 'time: 12:30 tag:' }],
  ['mid:17 ref:r-1 campaign:spring', { mid: '17', referenceId: 'r-1', campaignId: 'spring' }],
  ['  ', {}],
])('parseSearch reads %o', (text, filter) => {
  expect(parseSearch(text)).toEqual(filter);
});

test('parseSearch reads back every text that searchText writes', () => {
  const word = fc.string({ minLength: 1, unit: fc.constantFrom(...'abz09é-_.') });
  const address = fc.tuple(word, word).map(([name, domain]) => `${name}@${domain}`);
  const filters = fc.record(
    { recipient: address, sender: address, tag: word, mid: word, campaignId: word, words: word },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(filters, filter => {
      expect(parseSearch(searchText(filter))).toEqual({ ...filter });
    }),
  );
});

test('isMessageId recognises message ids and no other words', () => {
  expect(isMessageId('1q2w3e4r5t6y7')).toBe(true);
  for (const other of ['confirmations', '1q2w3e4r5t6y', '1Q2W3E4R5T6Y7', ''])
    expect(isMessageId(other)).toBe(false);
});
