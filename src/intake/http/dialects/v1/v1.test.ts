import { describeDialect, type GoldenCase } from '../../../../../test/suites/dialect.ts';
import type { Address } from '../../../../core/address.ts';
import { AppError, invalidField } from '../../../../core/errors.ts';
import type { Submission } from '../../../../core/submission.ts';
import type { MessageView } from '../../../../store/store.ts';
import type { PublicKey, PublicProvider } from '../../operations.ts';
import { v1 } from './v1.ts';

const ID = '0123456789abc';
const NOW = Date.UTC(2030, 0, 2, 3, 4, 5, 678);
const NOW_TEXT = '2030-01-02T03:04:05.678Z';
const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
const ada = 'ada@example.com' as Address;
const bob = 'bob@example.com' as Address;

const MINIMAL = JSON.stringify({
  from: 'Ada <ada@example.com>',
  to: 'bob@example.com',
  subject: 'Hi',
  text: 'Hello',
});
const minimal: Submission = {
  dialect: 'v1',
  envelope: { sender: ada, recipients: [bob] },
  body: {
    kind: 'content',
    content: {
      from: { name: 'Ada', address: ada },
      to: [{ address: bob }],
      cc: [],
      replyTo: [],
      subject: 'Hi',
      text: 'Hello',
      attachments: [],
      headers: [],
    },
  },
};

const accepted = {
  id: ID,
  messageIdHeader: '<m@example.com>',
  replayed: false,
  recipients: [{ address: bob, state: 'queued' as const }],
};
const acceptedJson = {
  id: ID,
  messageId: '<m@example.com>',
  recipients: [{ address: bob, state: 'queued' }],
};

const view: MessageView = {
  id: ID,
  account: 1,
  dialect: 'v1',
  sender: ada,
  from: ada,
  subject: 'Hi',
  messageIdHeader: '<m@example.com>',
  tags: ['a'],
  metadata: { order: '7' },
  priority: 'normal',
  lane: 3,
  size: 321,
  createdAt: NOW,
  expiresAt: NOW + 1_000,
  isLeased: false,
  recipients: [
    {
      index: 0,
      address: bob,
      state: 'deferred',
      attempts: 1,
      dueAt: NOW + 500,
      lastReply: { code: 450, enhanced: '4.2.1', text: 'later' },
    },
  ],
};
const viewJson = {
  id: ID,
  dialect: 'v1',
  sender: ada,
  from: ada,
  subject: 'Hi',
  messageId: '<m@example.com>',
  tags: ['a'],
  metadata: { order: '7' },
  priority: 'normal',
  provider: 3,
  size: 321,
  createdAt: NOW_TEXT,
  expiresAt: '2030-01-02T03:04:06.678Z',
  isLeased: false,
  recipients: [
    {
      address: bob,
      state: 'deferred',
      attempts: 1,
      dueAt: '2030-01-02T03:04:06.178Z',
      lastReply: { code: 450, enhanced: '4.2.1', text: 'later' },
    },
  ],
};
const attempt = { number: 1, provider: 3, startedAt: NOW, durationMs: 12, phase: 'rcpt' as const };
const event = {
  seq: '42',
  at: NOW,
  type: 'deferred' as const,
  account: 1,
  messageId: ID,
  recipient: bob,
  provider: 3,
  data: { attempt: 1, code: 450, nextAttemptAt: NOW },
};
const eventJson = {
  id: '42',
  at: NOW_TEXT,
  type: 'deferred',
  messageId: ID,
  recipient: bob,
  provider: 3,
  data: { attempt: 1, code: 450, nextAttemptAt: NOW_TEXT },
};

const provider: PublicProvider = {
  id: 3,
  kind: 'smtp',
  caption: null,
  isEnabled: true,
  priority: 10,
  senderDomains: [],
  maxRecipientsPerMessage: 100,
  sendFrom: '',
  sendFromName: '',
  createdAt: NOW,
  updatedAt: null,
  host: 'smtp.example.com',
  port: 587,
  encryption: 'tls',
  username: '',
  maxConnections: 5,
};
const providerJson = { ...provider, createdAt: NOW_TEXT };
const key: PublicKey = { id: 5, account: 1, name: 'shop', scopes: ['send'], createdAt: NOW, revokedAt: null };
const keyJson = { ...key, createdAt: NOW_TEXT };

const reply = (status: number, body: object, headers = {}) => ({
  status,
  headers: { ...JSON_HEADERS, ...headers },
  body,
});
const error = (code: string, message: string, problems: object[] = []) => ({
  error: { code, message, problems },
});
const get = (url: string) => ({ method: 'GET', url });
const post = (url: string, body?: object | string, headers = {}) => ({
  method: 'POST',
  url,
  headers,
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});

const sending: readonly GoldenCase[] = [
  {
    name: 'a message',
    request: post('/v1/messages', MINIMAL),
    asks: { operation: 'submit', input: minimal },
    output: accepted,
    reply: reply(202, acceptedJson, { location: `/v1/messages/${ID}` }),
  },
  {
    name: 'a message under an idempotency key that was used before',
    request: post('/v1/messages', MINIMAL, { 'idempotency-key': 'order-7' }),
    asks: { operation: 'submit', input: { ...minimal, idempotencyKey: 'order-7' } },
    output: { ...accepted, replayed: true },
    reply: reply(202, acceptedJson, { location: `/v1/messages/${ID}`, 'idempotency-replayed': 'true' }),
  },
  {
    name: 'another message under an idempotency key that was used before',
    request: post('/v1/messages', MINIMAL),
    asks: { operation: 'submit', input: minimal },
    output: new AppError('conflict', 'Taken.'),
    reply: reply(409, error('conflict', 'Taken.')),
  },
  {
    name: 'a body that is no JSON, whatever its label',
    request: post('/v1/messages', 'from=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    reply: reply(400, error('malformed', 'The body is not JSON')),
  },
  {
    name: 'an empty body',
    request: post('/v1/messages'),
    reply: reply(400, error('malformed', 'The body is empty; a JSON value is needed')),
  },
  {
    name: 'a body that nests too deep',
    request: post('/v1/messages', `{"x":${'['.repeat(40)}`),
    reply: reply(400, error('malformed', 'The body nests deeper than 32 levels')),
  },
  {
    name: 'everything that is wrong, at once',
    request: post('/v1/messages', { to: ['bob@example.com', 'nobody'], txt: 'x', priority: 'urgent' }),
    reply: reply(
      400,
      error('invalid', 'txt: unknown field (and 2 more, see problems)', [
        { field: 'txt', message: 'unknown field' },
        { field: 'priority', message: 'must be one of high, normal, bulk' },
        { field: 'to[1]', message: 'item 1, "nobody": the @ is missing' },
      ]),
    ),
  },
  {
    name: 'a batch of which one is refused by us and one by the gate',
    request: post('/v1/messages/batch', `[${MINIMAL},{"to":"x"},${MINIMAL}]`),
    asks: {
      operation: 'submitBatch',
      input: [minimal, invalidField('to', 'item 1, "x": the @ is missing'), minimal],
    },
    output: [accepted, invalidField('to', 'No.'), new AppError('sender_not_allowed', 'Not as this.')],
    reply: reply(207, {
      accepted: 1,
      refused: 2,
      results: [
        { status: 202, ...acceptedJson },
        { status: 400, ...error('invalid', 'No.', [{ field: 'to', message: 'No.' }]) },
        { status: 403, ...error('sender_not_allowed', 'Not as this.') },
      ],
    }),
  },
  {
    name: 'a batch of which all are accepted, one of them before',
    request: post('/v1/messages/batch', `[${MINIMAL.replace('{', '{"idempotencyKey":"k",')}]`),
    asks: { operation: 'submitBatch', input: [{ ...minimal, idempotencyKey: 'k' }] },
    output: [{ ...accepted, replayed: true }],
    reply: reply(202, {
      accepted: 1,
      refused: 0,
      results: [{ status: 202, ...acceptedJson, replayed: true }],
    }),
  },
  {
    name: 'a batch of which none is accepted has the status of the first refusal',
    request: post('/v1/messages/batch', `[${MINIMAL}]`),
    asks: { operation: 'submitBatch', input: [minimal] },
    output: [new AppError('unavailable', 'Not now.')],
    reply: reply(503, {
      accepted: 0,
      refused: 1,
      results: [{ status: 503, ...error('unavailable', 'Not now.') }],
    }),
  },
  ...(
    [
      ['{}', 'must be a list of messages'],
      ['[]', 'must hold at least one message'],
      [JSON.stringify(Array(1_001).fill({})), 'must not hold more than 1000 messages'],
    ] as const
  ).map(
    ([body, message]): GoldenCase => ({
      name: `a batch that ${message}`,
      request: post('/v1/messages/batch', body),
      reply: reply(400, error('invalid', message, [{ field: 'body', message }])),
    }),
  ),
  {
    name: 'an explanation',
    request: post('/v1/messages/explain', MINIMAL),
    asks: { operation: 'explain', input: minimal },
    output: {
      envelope: { sender: ada, recipients: [bob] },
      mime: Buffer.from('Subject: Hi\r\n\r\nHello'),
      route: [{ provider, isUsed: true, reason: 'It serves all.' }],
      dueAt: NOW,
      expiresAt: NOW,
    },
    reply: reply(200, {
      envelope: { sender: ada, recipients: [bob] },
      raw: 'Subject: Hi\r\n\r\nHello',
      size: 20,
      route: [{ provider: providerJson, isUsed: true, reason: 'It serves all.' }],
      dueAt: NOW_TEXT,
      expiresAt: NOW_TEXT,
    }),
  },
];

const following: readonly GoldenCase[] = [
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
    output: new AppError('not_found', 'There is no such message'),
    reply: reply(404, error('not_found', 'There is no such message')),
  },
  {
    name: 'a message whose id is none',
    request: get('/v1/messages/1'),
    reply: reply(404, error('not_found', 'There is no such message')),
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
      reply: reply(400, error('invalid', 'unknown field', [{ field: 'at', message: 'unknown field' }])),
    },
  ]),
];

const SETTINGS = {
  host: 'smtp.example.com',
  port: 587,
  encryption: 'tls',
  username: '',
  caption: null,
} as const;

const managing: readonly GoldenCase[] = [
  {
    name: 'all providers',
    request: get('/v1/providers'),
    asks: { operation: 'providers', input: {} },
    output: [provider],
    reply: reply(200, { providers: [providerJson] }),
  },
  {
    name: 'a new provider; null means absent, but for what it takes away',
    request: post('/v1/providers', { ...SETTINGS, password: null, caPem: null }),
    asks: { operation: 'addProvider', input: { ...SETTINGS, caPem: null } },
    output: provider,
    reply: reply(201, providerJson, { location: '/v1/providers/3' }),
  },
  {
    name: 'a new provider with everything wrong',
    request: post('/v1/providers', { driver: 'smtp', port: 0, encryption: 'starttls' }),
    reply: reply(
      400,
      error('invalid', 'driver: unknown field (and 2 more, see problems)', [
        { field: 'driver', message: 'unknown field' },
        { field: 'port', message: 'must be >= 1' },
        { field: 'encryption', message: 'must be one of tls, ssl, none' },
      ]),
    ),
  },
  {
    name: 'one provider',
    request: get('/v1/providers/3'),
    asks: { operation: 'provider', input: { id: 3 } },
    output: { ...provider, updatedAt: NOW },
    reply: reply(200, { ...providerJson, updatedAt: NOW_TEXT }),
  },
  {
    name: 'a provider whose id is none',
    request: get('/v1/providers/0x3'),
    reply: reply(404, error('not_found', 'There is no such provider')),
  },
  {
    name: 'a change of a provider',
    request: { method: 'PATCH', url: '/v1/providers/3', body: '{"isEnabled":false}' },
    asks: { operation: 'changeProvider', input: { id: 3, settings: { isEnabled: false } } },
    output: provider,
    reply: reply(200, providerJson),
  },
  {
    name: 'a change that says nothing of its body',
    request: { method: 'PATCH', url: '/v1/providers/3', body: '[]' },
    reply: reply(
      400,
      error('invalid', 'body: must be object', [{ field: 'body', message: 'must be object' }]),
    ),
  },
  {
    name: 'removing a provider',
    request: { method: 'DELETE', url: '/v1/providers/3' },
    asks: { operation: 'removeProvider', input: { id: 3 } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'a check of a provider',
    request: post('/v1/providers/3/check'),
    asks: { operation: 'checkProvider', input: { id: 3 } },
    output: { ok: false, stages: [{ stage: 'dns', ok: false, detail: 'No such host.', ms: 3 }] },
    reply: reply(200, { ok: false, stages: [{ stage: 'dns', ok: false, detail: 'No such host.', ms: 3 }] }),
  },
  {
    name: 'all keys',
    request: get('/v1/keys'),
    asks: { operation: 'keys', input: {} },
    output: [{ ...key, revokedAt: NOW }],
    reply: reply(200, { keys: [{ ...keyJson, revokedAt: NOW_TEXT }] }),
  },
  {
    name: 'a new key',
    request: post('/v1/keys', { account: '', name: 'shop', scopes: ['send'] }),
    asks: { operation: 'createKey', input: { name: 'shop', scopes: ['send'] } },
    output: { key, secret: 'pk_5_x' },
    reply: reply(201, { ...keyJson, secret: 'pk_5_x' }),
  },
  {
    name: 'a new key with everything wrong',
    request: post('/v1/keys', { scopes: ['sned', 'read', 'read'] }),
    reply: reply(
      400,
      error('invalid', 'name: is missing (and 2 more, see problems)', [
        { field: 'name', message: 'is missing' },
        { field: 'scopes[0]', message: 'must be one of send, read, manage' },
        { field: 'scopes', message: 'must not have duplicate items' },
      ]),
    ),
  },
  {
    name: 'revoking a key',
    request: { method: 'DELETE', url: '/v1/keys/5' },
    asks: { operation: 'revokeKey', input: { id: 5 } },
    output: key,
    reply: { status: 204, headers: {}, body: '' },
  },
];

const refusing: readonly GoldenCase[] = [
  {
    name: 'no key, also from loopback',
    request: { ...post('/v1/messages', MINIMAL), headers: { authorization: '' } },
    reply: reply(401, error('unauthenticated', 'A key is needed: send "Authorization: Bearer <key>"'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'a wrong key',
    request: { ...get('/v1/events'), headers: { authorization: 'Bearer x' } },
    reply: reply(401, error('unauthenticated', 'The key is wrong or was revoked'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'a wrong method',
    request: { method: 'PUT', url: '/v1/messages' },
    reply: reply(405, error('method_not_allowed', 'Use POST or GET or HEAD here'), {
      allow: 'POST, GET, HEAD',
    }),
  },
  {
    name: 'an unknown path under /v1',
    request: get('/v1/nothing'),
    reply: reply(404, error('not_found', 'There is nothing at this path')),
  },
  {
    name: 'a path that is nobody’s',
    request: post('/send', MINIMAL),
    reply: reply(404, error('not_found', 'There is nothing at this path')),
  },
  {
    name: 'a rate limit',
    request: post('/v1/messages', MINIMAL),
    asks: { operation: 'submit', input: minimal },
    output: new AppError('rate_limited', 'Later.', { retryAfterSeconds: 12 }),
    reply: reply(429, error('rate_limited', 'Later.'), { 'retry-after': '12' }),
  },
];

describeDialect(v1, [...sending, ...following, ...managing, ...refusing]);
