import { expect, test } from 'vitest';
import { type Route, route } from './dialect.ts';

const reply = () => ({ status: 200 });

test('a route compiles with an access that its operation permits', () => {
  const routes: readonly Route[] = [
    route({ method: 'GET', path: '/keys', access: 'oversee', operation: 'keys', parse: () => ({}), reply }),
    route({
      method: 'POST',
      path: '/login',
      access: 'anyone',
      operation: 'beginSession',
      parse: () => ({ token: 'pk_1_x' }),
      reply,
    }),
  ];
  expect(routes).toHaveLength(2);
});

test('a route does not compile with an access that its operation does not permit', () => {
  const parse = () => ({});
  // @ts-expect-error: `keys` needs the scope `oversee`.
  route({ method: 'GET', path: '/keys', access: 'anyone', operation: 'keys', parse, reply });
  // @ts-expect-error: a key with the scope `send` may not list keys.
  route({ method: 'GET', path: '/keys', access: 'send', operation: 'keys', parse, reply });
  // @ts-expect-error: an address has no account.
  route({ method: 'GET', path: '/keys', access: 'address', operation: 'keys', parse, reply });
  expect.assertions(0);
});
