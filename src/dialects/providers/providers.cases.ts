import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { get, refusal, send } from './objects.cases.ts';
import { listing, reading } from './reading.cases.ts';
import { changing, creating } from './writing.cases.ts';

const refusing: readonly GoldenCase[] = [
  {
    name: 'refuses a request without Authorization, before all other checks',
    request: { ...send('POST', '', '{'), headers: { authorization: '' } },
    reply: refusal(
      401,
      'A key is needed: send "Authorization: Bearer <key>".',
      {},
      { 'www-authenticate': 'Bearer' },
    ),
  },
  {
    name: 'refuses a wrong token, before it checks the query',
    request: get('?limit=0', { authorization: 'Bearer wrong' }),
    reply: refusal(401, 'The key is wrong or was revoked.', {}, { 'www-authenticate': 'Bearer' }),
  },
  {
    name: 'refuses an unknown method',
    request: send('PATCH', '', '{}'),
    reply: refusal(405, 'Use GET or HEAD or POST here.', {}, { allow: 'GET, HEAD, POST' }),
  },
  {
    name: 'refuses an unknown path',
    request: get('/1/statistics'),
    reply: refusal(404, 'There is nothing at this path.'),
  },
  {
    name: 'refuses an unknown path without Authorization with 401',
    request: get('/1/statistics', { authorization: '' }),
    reply: refusal(
      401,
      'A key is needed: send "Authorization: Bearer <key>".',
      {},
      { 'www-authenticate': 'Bearer' },
    ),
  },
  {
    name: 'returns 503 while the store is unavailable',
    request: get('/1'),
    asks: { operation: 'provider', input: { id: 1 } },
    output: new AppError('unavailable', 'Later.', { retryAfterSeconds: 5 }),
    reply: refusal(503, 'Later.', {}, { 'retry-after': '5' }),
  },
];

/** All golden cases of the providers API. */
export const providersCases: readonly GoldenCase[] = [
  ...listing,
  ...reading,
  ...creating,
  ...changing,
  ...refusing,
];
