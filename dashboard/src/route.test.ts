import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHash, to } from './route.ts';

test('parseHash splits a hash into path and query', () => {
  expect(parseHash('#/messages/38f?tab=raw&words=a%20b')).toEqual({
    path: ['messages', '38f'],
    query: { tab: 'raw', words: 'a b' },
  });
  for (const hash of ['', '#', '#/']) expect(parseHash(hash)).toEqual({ path: [], query: {} });
});

test('parseHash keeps a path as it is when its percent-encoding is invalid', () => {
  expect(parseHash('#/messages/%zz').path).toEqual(['messages', '%zz']);
});

test('links contain no empty values', () => {
  expect(to('messages', { state: '', provider: undefined, account: 3 })).toBe('#/messages?account=3');
  expect(to('messages')).toBe('#/messages');
});

test('parseHash reads back the query of every link that `to` builds', () => {
  const queries = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }));
  fc.assert(
    fc.property(queries, query => {
      expect(parseHash(to('messages', query)).query).toEqual({ ...query });
    }),
  );
});
