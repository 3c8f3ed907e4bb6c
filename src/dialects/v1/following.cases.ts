import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import {
  ada,
  attempt,
  error,
  event,
  eventJson,
  get,
  ID,
  NOW_TEXT,
  post,
  reply,
  view,
  viewJson,
} from './objects.cases.ts';

/** What became of it. */
export const following: readonly GoldenCase[] = [
  {
    name: 'a message with all that happened to it',
    request: get(`/v1/messages/${ID}`),
    asks: { operation: 'message', input: { id: ID } },
    output: { message: view, attempts: [attempt], events: [event] },
    reply: reply(200, { ...viewJson, attempts: [{ ...attempt, startedAt: NOW_TEXT }], events: [eventJson] }),
  },
  {
    name: 'a message that is not there',
    request: get(`/v1/messages/${ID}`),
    asks: { operation: 'message', input: { id: ID } },
    output: new AppError('not_found', 'There is no such message.'),
    reply: reply(404, error('not_found', 'There is no such message.')),
  },
  {
    name: 'a message whose id is none',
    request: get('/v1/messages/1'),
    reply: reply(404, error('not_found', 'There is no such message.')),
  },
  {
    name: 'its source',
    request: get(`/v1/messages/${ID}/raw`),
    asks: { operation: 'body', input: { id: ID } },
    output: { mime: Buffer.from('Subject: \xff\r\n\r\n', 'latin1'), message: view },
    reply: {
      status: 200,
      headers: {
        'content-type': 'message/rfc822',
        'content-disposition': `attachment; filename="${ID}.eml"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: Buffer.from('Subject: \xff\r\n\r\n', 'latin1'),
    },
  },
  {
    name: 'its source after retention',
    request: get(`/v1/messages/${ID}/raw`),
    asks: { operation: 'body', input: { id: ID } },
    output: new AppError('gone', 'Removed.'),
    reply: reply(410, error('gone', 'Removed.')),
  },
  {
    name: 'a list by every filter',
    request: get(
      '/v1/messages?recipient=%40example.com&sender=ada%40example.com&state=bounced&tag=a&words=big%20%20order&provider=3&since=2030-01-01T00:00:00Z&until=2030-01-02T00:00:00%2B01:00&limit=2&cursor=c',
    ),
    asks: {
      operation: 'messages',
      input: {
        filter: {
          recipient: '@example.com',
          sender: ada,
          state: 'bounced',
          tag: 'a',
          words: ['big', 'order'],
          provider: 3,
          since: Date.UTC(2030, 0, 1),
          until: Date.UTC(2030, 0, 1, 23),
        },
        cursor: 'c',
        limit: 2,
      },
    },
    output: { items: [view], next: 'n' },
    reply: reply(200, { messages: [viewJson], next: 'n' }),
  },
  {
    name: 'a list by what turboSMTP knows a message by',
    request: get('/v1/messages?mid=38390726480144748&referenceId=r%207&campaignId=spring'),
    asks: {
      operation: 'messages',
      input: {
        filter: { id: ID, metadata: { referenceId: 'r 7', campaignId: 'spring' } },
        limit: 50,
      },
    },
    output: { items: [view] },
    reply: reply(200, { messages: [viewJson], next: null }),
  },
  ...['9223372036854775808', '-1', '38390726480144748x', '1e3'].map(mid => ({
    name: `a list by a mid that is none, ${mid}`,
    request: get(`/v1/messages?mid=${mid}`),
    reply: reply(
      400,
      error('invalid', 'mid: must be the digits of an id', [
        { field: 'mid', message: 'must be the digits of an id' },
      ]),
    ),
  })),
  {
    name: 'the newest messages',
    request: get('/v1/messages'),
    asks: { operation: 'messages', input: { filter: {}, limit: 50 } },
    output: { items: [] },
    reply: reply(200, { messages: [], next: null }),
  },
  {
    name: 'a query with everything wrong',
    request: get('/v1/messages?limit=0&state=sent&since=yesterday&recipent=x&tag=a&tag=b&words=%00'),
    reply: reply(
      400,
      error('invalid', 'recipent: unknown parameter (and 5 more, see problems)', [
        { field: 'recipent', message: 'unknown parameter' },
        { field: 'tag', message: 'is given more than once' },
        { field: 'words', message: 'must not hold NUL' },
        {
          field: 'state',
          message: 'must be one of queued, deferred, delivered, bounced, failed, expired, cancelled, unknown',
        },
        { field: 'since', message: 'must be a time as in RFC 3339, such as 2030-01-31T09:00:00Z' },
        { field: 'limit', message: 'must be a whole number from 1 to 1000' },
      ]),
    ),
  },
  {
    name: 'events, waited for',
    request: get('/v1/events?after=41&limit=10&wait=30'),
    asks: { operation: 'events', input: { after: '41', limit: 10, waitMs: 30_000 } },
    output: { events: [event], cursor: '42' },
    reply: reply(200, { events: [eventJson], cursor: '42' }),
  },
  {
    name: 'events from the beginning',
    request: get('/v1/events'),
    asks: { operation: 'events', input: { after: '0', limit: 100, waitMs: 0 } },
    output: { events: [], cursor: '0' },
    reply: reply(200, { events: [], cursor: '0' }),
  },
  {
    name: 'events after a cursor that is none',
    request: get('/v1/events?after=-1&wait=61'),
    reply: reply(
      400,
      error('invalid', 'after: must be the cursor of an answer before (and 1 more, see problems)', [
        { field: 'after', message: 'must be the cursor of an answer before' },
        { field: 'wait', message: 'must be a whole number from 0 to 60' },
      ]),
    ),
  },
  ...(['cancel', 'retry'] as const).flatMap((operation): GoldenCase[] => [
    {
      name: `${operation} a message`,
      request: post(`/v1/messages/${ID}/${operation}`, operation === 'retry' ? {} : undefined),
      asks: { operation, input: { id: ID } },
      output: view,
      reply: reply(200, viewJson),
    },
    {
      name: `${operation} a message that does not allow it`,
      request: post(`/v1/messages/${ID}/${operation}`),
      asks: { operation, input: { id: ID } },
      output: new AppError('conflict', 'An attempt is under way.'),
      reply: reply(409, error('conflict', 'An attempt is under way.')),
    },
    {
      name: `${operation} with a body that would be lost`,
      request: post(`/v1/messages/${ID}/${operation}`, { at: 'once' }),
      reply: reply(400, error('invalid', 'at: unknown field', [{ field: 'at', message: 'unknown field' }])),
    },
  ]),
];
