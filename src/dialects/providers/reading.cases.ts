import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { EMPTY, get, object, provider, refusal, reply, SAMPLE, send } from './objects.cases.ts';

const three = [
  { ...provider, id: 3, caption: null, port: 587, isEnabled: false },
  { ...provider, id: 1, caption: 'B', port: 465 },
  { ...provider, id: 2, caption: 'A', port: 25 },
];
const three3 = { ...object, id: 3, caption: null, port: 587, isEnabled: false };
const three1 = { ...object, id: 1, caption: 'B', port: 465 };
const three2 = { ...object, id: 2, caption: 'A', port: 25 };

/** A list request with three providers. */
function listed(name: string, query: string, items: readonly object[], total = 3): GoldenCase {
  return {
    name: `lists ${name}`,
    request: get(query),
    asks: { operation: 'providers', input: {} },
    output: three,
    reply: reply(200, items, { 'x-total-count': String(total) }),
  };
}

function badQuery(name: string, query: string, field: string, sentence: string): GoldenCase {
  return {
    name: `refuses ${name}`,
    request: get(query),
    reply: refusal(400, sentence, { [field]: [sentence] }),
  };
}

const SORTS = [
  'id, caption, driver, host, port, username, sendFrom, sendFromName, encryption, isEnabled, createTime',
  'updateTime, priority, weight, kind',
]
  .join(', ')
  .replaceAll(', ', ' or ');

/** The list. */
export const listing: readonly GoldenCase[] = [
  listed('providers as an array sorted by id', '', [three1, three2, three3]),
  listed('providers for the query of the published sample', '?limit=10&offset=0', [three1, three2, three3]),
  listed('the providers of limit and offset', '?limit=1&offset=1', [three2]),
  listed('no providers after the end', '?offset=3', []),
  listed('providers sorted by sort_by', '?sort_by=port', [three2, three1, three3]),
  listed('providers in descending order with sort_order=desc', '?sort_by=port&sort_order=desc', [
    three3,
    three1,
    three2,
  ]),
  listed('providers sorted by id with only sort_order', '?sort_order=desc', [three3, three2, three1]),
  listed('providers with null first, and equal ones sorted by id', '?sort_by=caption', [
    three3,
    three2,
    three1,
  ]),
  listed('equal providers sorted by id, also in descending order', '?sort_by=host&sort_order=desc', [
    three1,
    three2,
    three3,
  ]),
  listed('enabled providers with filter[isEnabled]=1', '?filter[isEnabled]=1', [three1, three2], 2),
  listed('disabled providers with an encoded filter[isEnabled]=0', '?filter%5BisEnabled%5D=0', [three3], 1),
  listed('all providers with empty and unknown parameters', '?limit=&offset=&sort_by=&page=7', [
    three1,
    three2,
    three3,
  ]),
  {
    ...listed('providers also for a GET request with a body', '', [three1, three2, three3]),
    request: { ...send('GET', '', SAMPLE) },
  },
  badQuery('limit=0', '?limit=0', 'limit', 'limit must be a whole number from 1 to 100.'),
  badQuery('limit=101', '?limit=101', 'limit', 'limit must be a whole number from 1 to 100.'),
  badQuery(
    'offset=-1',
    '?offset=-1',
    'offset',
    `offset must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`,
  ),
  badQuery('an unknown sort_by', '?sort_by=password', 'sort_by', `sort_by must be ${SORTS}.`),
  badQuery('an unknown sort_order', '?sort_order=up', 'sort_order', 'sort_order must be asc or desc.'),
  badQuery(
    'an invalid value of a filter',
    '?filter[isEnabled]=2',
    'filter[isEnabled]',
    'filter[isEnabled] must be true, false, 1 or 0.',
  ),
  badQuery(
    'an unknown filter',
    '?filter[host]=x',
    'filter[host]',
    'filter[host] is not a filter: use filter[isEnabled].',
  ),
  badQuery('a parameter that is given twice', '?limit=1&limit=2', 'limit', 'limit is given more than once.'),
];

/** One provider, and its status. */
export const reading: readonly GoldenCase[] = [
  {
    name: 'returns a provider',
    request: get('/1', { 'accept-language': 'ja' }),
    asks: { operation: 'provider', input: { id: 1 } },
    output: provider,
    reply: reply(200, object),
  },
  {
    name: 'returns a provider with all settings that only Postern has',
    request: get('/1'),
    asks: { operation: 'provider', input: { id: 1 } },
    output: {
      ...provider,
      weight: 3,
      senderDomains: ['example.com'],
      limits: { maxPerSecond: 1, maxPerMinute: 2, maxPerHour: 3, maxPerDay: 4 },
      caPem: 'PEM',
    },
    reply: reply(200, {
      ...object,
      weight: 3,
      senderDomains: ['example.com'],
      maxPerSecond: 1,
      maxPerMinute: 2,
      maxPerHour: 3,
      maxPerDay: 4,
      caPem: 'PEM',
    }),
  },
  {
    name: 'returns a pickup directory with all fields',
    request: get('/4'),
    asks: { operation: 'provider', input: { id: 4 } },
    output: {
      ...withoutServer(),
      ...{ id: 4, kind: 'pickup', directory: '/var/pickup', sendFrom: '', sendFromName: '' },
    },
    reply: reply(200, {
      ...object,
      ...{ id: 4, host: '', port: 0, username: '', encryption: 'none', sendFrom: '', sendFromName: '' },
      ...{ maxConnections: null, kind: 'pickup', directory: '/var/pickup' },
    }),
  },
  {
    name: 'returns 404 for an unknown id',
    request: get('/7'),
    asks: { operation: 'provider', input: { id: 7 } },
    output: new AppError('not_found', 'There is no provider 7.'),
    reply: refusal(404, 'There is no provider 7.'),
  },
  {
    name: 'returns 404 for an id that is not a positive integer',
    request: get('/0'),
    reply: refusal(404, 'There is no such provider.'),
  },
  {
    name: 'returns 204 for the status of a provider with valid settings',
    request: get('/1/status'),
    asks: { operation: 'checkProvider', input: { id: 1 } },
    output: { ok: true, stages: [{ stage: 'noop', ok: true, detail: 'answered', ms: 1 }] },
    reply: EMPTY,
  },
  {
    name: 'returns the failed stage for the status of a provider with invalid settings',
    request: get('/1/status'),
    asks: { operation: 'checkProvider', input: { id: 1 } },
    output: {
      ok: false,
      stages: [
        { stage: 'ehlo', ok: true, detail: 'AUTH PLAIN', ms: 1 },
        { stage: 'auth', ok: false, detail: '535 5.7.8 wrong.', ms: 1 },
      ],
    },
    reply: reply(400, {
      message: 'The server did not accept the credentials: 535 5.7.8 wrong.',
      stage: 'auth',
    }),
  },
  {
    name: 'returns 404 for the status of an unknown id',
    request: get('/7/status'),
    asks: { operation: 'checkProvider', input: { id: 7 } },
    output: new AppError('not_found', 'There is no provider 7.'),
    reply: refusal(404, 'There is no provider 7.'),
  },
];

function withoutServer(): object {
  if (provider.kind !== 'smtp') throw new Error('The provider of these cases must be an SMTP server');
  const { host: _h, port: _p, encryption: _e, username: _u, maxConnections: _m, ...rest } = provider;
  return rest;
}
