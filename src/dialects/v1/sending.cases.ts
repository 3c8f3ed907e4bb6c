import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError, invalidField } from '../../core/errors.ts';
import {
  accepted,
  acceptedJson,
  ada,
  bob,
  error,
  ID,
  MINIMAL,
  minimal,
  NOW,
  NOW_TEXT,
  post,
  provider,
  providerJson,
  reply,
} from './objects.cases.ts';

/** Handing in mail. */
export const sending: readonly GoldenCase[] = [
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
    reply: reply(400, error('malformed', 'The body is not JSON.')),
  },
  {
    name: 'an empty body',
    request: post('/v1/messages'),
    reply: reply(400, error('malformed', 'The body is empty; a JSON value is needed.')),
  },
  {
    name: 'a body that nests too deep',
    request: post('/v1/messages', `{"x":${'['.repeat(40)}`),
    reply: reply(400, error('malformed', 'The body nests deeper than 32 levels.')),
  },
  {
    name: 'everything that is wrong, at once',
    request: post('/v1/messages', { to: ['bob@example.com', 'nobody'], txt: 'x', priority: 'urgent' }),
    reply: reply(
      400,
      error('invalid', 'txt: unknown field (and 2 more, see problems)', [
        { field: 'txt', message: 'unknown field' },
        { field: 'priority', message: 'must be one of high, normal, bulk' },
        { field: 'to[1]', message: 'item 1, "nobody": the address has no @' },
      ]),
    ),
  },
  {
    name: 'a batch of which one is refused by us and one by the gate',
    request: post('/v1/messages/batch', `[${MINIMAL},{"to":"x"},${MINIMAL}]`),
    asks: {
      operation: 'submitBatch',
      input: [
        minimal,
        new AppError('invalid', 'to: item 1, "x": the address has no @', {
          problems: [{ field: 'to', message: 'item 1, "x": the address has no @' }],
        }),
        minimal,
      ],
    },
    output: [accepted, invalidField('to', 'No.'), new AppError('sender_not_allowed', 'Not as this.')],
    reply: reply(207, {
      accepted: 1,
      refused: 2,
      results: [
        { status: 202, ...acceptedJson },
        { status: 400, ...error('invalid', 'to: No.', [{ field: 'to', message: 'No.' }]) },
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
      reply: reply(400, error('invalid', `body: ${message}`, [{ field: 'body', message }])),
    }),
  ),
  {
    name: 'a message that was composed elsewhere',
    request: post(
      '/v1/messages/raw?sender=ada%40example.com&recipient=bob%40example.com&recipient=bob%40EXAMPLE.com',
      'Subject: Hi\n\nHello',
      { 'idempotency-key': 'k', 'content-type': 'message/rfc822' },
    ),
    asks: {
      operation: 'submit',
      input: {
        dialect: 'v1',
        envelope: { sender: ada, recipients: [bob] },
        body: { kind: 'raw', mime: Buffer.from('Subject: Hi\r\n\r\nHello') },
        idempotencyKey: 'k',
      },
    },
    output: accepted,
    reply: reply(202, acceptedJson, { location: `/v1/messages/${ID}` }),
  },
  {
    name: 'a composed message with everything wrong around it',
    request: post('/v1/messages/raw?from=ada%40example.com&recipient=nobody', '\0'),
    reply: reply(
      400,
      error('invalid', 'from: unknown parameter (and 3 more, see problems)', [
        { field: 'from', message: 'unknown parameter' },
        { field: 'recipient', message: 'the address has no @' },
        { field: 'recipient', message: 'is missing: at least one is needed' },
        { field: 'body', message: 'must not hold NUL' },
      ]),
    ),
  },
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
