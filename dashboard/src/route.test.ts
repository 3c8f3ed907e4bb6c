import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHash, to } from './route.ts';

test('tells the path and the query of a hash', () => {
  expect(parseHash('#/messages/38f?tab=raw&words=a%20b')).toEqual({
    path: ['messages', '38f'],
    query: { tab: 'raw', words: 'a b' },
  });
  for (const nowhere of ['', '#', '#/']) expect(parseHash(nowhere)).toEqual({ path: [], query: {} });
});

test('takes a path that is no proper encoding as it stands', () => {
  expect(parseHash('#/messages/%zz').path).toEqual(['messages', '%zz']);
});

test('leaves empty values out of links', () => {
  expect(to('messages', { state: '', provider: undefined, account: 3 })).toBe('#/messages?account=3');
  expect(to('messages')).toBe('#/messages');
});

test('reads the query of every link that it made', () => {
  const queries = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }));
  fc.assert(
    fc.property(queries, query => {
      expect(parseHash(to('messages', query)).query).toEqual({ ...query });
    }),
  );
});
