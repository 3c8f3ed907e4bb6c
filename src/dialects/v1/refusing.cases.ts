import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { error, get, MINIMAL, minimal, post, reply } from './objects.cases.ts';

/** What no route is reached for, and what any can be answered. */
export const refusing: readonly GoldenCase[] = [
  {
    name: 'no key, also from loopback',
    request: { ...post('/v1/messages', MINIMAL), headers: { authorization: '' } },
    reply: reply(401, error('unauthenticated', 'A key is needed: send "Authorization: Bearer <key>".'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'a wrong key',
    request: { ...get('/v1/events'), headers: { authorization: 'Bearer x' } },
    reply: reply(401, error('unauthenticated', 'The key is wrong or was revoked.'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'a wrong method',
    request: { method: 'PUT', url: '/v1/messages' },
    reply: reply(405, error('method_not_allowed', 'Use POST or GET or HEAD or DELETE here.'), {
      allow: 'POST, GET, HEAD, DELETE',
    }),
  },
  {
    name: 'an unknown path under /v1',
    request: get('/v1/nothing'),
    reply: reply(404, error('not_found', 'There is nothing at this path.')),
  },
  {
    name: 'a path that is nobody’s',
    request: post('/send', MINIMAL),
    reply: reply(404, error('not_found', 'There is nothing at this path.')),
  },
  {
    name: 'a rate limit',
    request: post('/v1/messages', MINIMAL),
    asks: { operation: 'submit', input: minimal },
    output: new AppError('rate_limited', 'Later.', { retryAfterSeconds: 12 }),
    reply: reply(429, error('rate_limited', 'Later.'), { 'retry-after': '12' }),
  },
];
