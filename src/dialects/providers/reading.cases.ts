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

/** A list of three providers by some query. */
function listed(name: string, query: string, items: readonly object[], total = 3): GoldenCase {
  return {
    name,
    request: get(query),
    asks: { operation: 'providers', input: {} },
    output: three,
    reply: reply(200, items, { 'x-total-count': String(total) }),
  };
}

function badQuery(name: string, query: string, field: string, sentence: string): GoldenCase {
  return { name, request: get(query), reply: refusal(400, sentence, { [field]: [sentence] }) };
}

const SORTS = [
  'id, caption, driver, host, port, username, sendFrom, sendFromName, encryption, isEnabled, createTime',
  'updateTime, priority, weight, kind',
]
  .join(', ')
  .replaceAll(', ', ' or ');

/** The list. */
export const listing: readonly GoldenCase[] = [
  listed('a list is an array by ascending id', '', [three1, three2, three3]),
  listed('the published list call', '?limit=10&offset=0', [three1, three2, three3]),
  listed('limit and offset', '?limit=1&offset=1', [three2]),
  listed('a list past the end', '?offset=3', []),
  listed('sort_by', '?sort_by=port', [three2, three1, three3]),
  listed('sort_order=desc', '?sort_by=port&sort_order=desc', [three3, three1, three2]),
  listed('sort_order without sort_by', '?sort_order=desc', [three3, three2, three1]),
  listed('null sorts first, equals by id', '?sort_by=caption', [three3, three2, three1]),
  listed('equals by id also when descending', '?sort_by=host&sort_order=desc', [three1, three2, three3]),
  listed('filter[isEnabled]=1', '?filter[isEnabled]=1', [three1, three2], 2),
  listed('filter[isEnabled]=0, encoded', '?filter%5BisEnabled%5D=0', [three3], 1),
  listed('empty and unknown parameters', '?limit=&offset=&sort_by=&page=7', [three1, three2, three3]),
  {
    ...listed('a list call with a body stays one', '', [three1, three2, three3]),
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
    'a filter that is none',
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
  badQuery('a parameter twice', '?limit=1&limit=2', 'limit', 'limit is given more than once.'),
];

/** One provider, and its status. */
export const reading: readonly GoldenCase[] = [
  {
    name: 'one provider',
    request: get('/1', { 'accept-language': 'ja' }),
    asks: { operation: 'provider', input: { id: 1 } },
    output: provider,
    reply: reply(200, object),
  },
  {
    name: "a provider with all of Postern's own settings",
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
    name: 'a pickup directory has every field, too',
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
    name: 'an unknown id',
    request: get('/7'),
    asks: { operation: 'provider', input: { id: 7 } },
    output: new AppError('not_found', 'There is no provider 7.'),
    reply: refusal(404, 'There is no provider 7.'),
  },
  {
    name: 'an id that is no positive integer',
    request: get('/0'),
    reply: refusal(404, 'There is no such provider.'),
  },
  {
    name: 'valid settings have no response body',
    request: get('/1/status'),
    asks: { operation: 'checkProvider', input: { id: 1 } },
    output: { ok: true, stages: [{ stage: 'noop', ok: true, detail: 'answered', ms: 1 }] },
    reply: EMPTY,
  },
  {
    name: 'settings that are not valid, with the stage',
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
    name: 'the status of an unknown id',
    request: get('/7/status'),
    asks: { operation: 'checkProvider', input: { id: 7 } },
    output: new AppError('not_found', 'There is no provider 7.'),
    reply: refusal(404, 'There is no provider 7.'),
  },
];

function withoutServer(): object {
  if (provider.kind !== 'smtp') throw new Error('The provider of these cases is a server');
  const { host: _h, port: _p, encryption: _e, username: _u, maxConnections: _m, ...rest } = provider;
  return rest;
}
