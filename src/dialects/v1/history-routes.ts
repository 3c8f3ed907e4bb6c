import { idFromBigInt } from '../../core/id.ts';
import type { MessageId } from '../../core/message.ts';
import type { MessageFilter } from '../../core/message-view.ts';
import type { Operations } from '../../operations/operations.ts';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { refuseBody } from './json-body.ts';
import { readMessageId } from './path-id.ts';
import { type QueryReader, readQuery } from './query.ts';
import { EVENT_SCHEMA, MESSAGE_REPLY_SCHEMA, STATES, STORY_SCHEMA } from './reply-schemas.ts';
import { sayAttempt, sayEvent, sayMessage } from './views.ts';

const MAX_PAGE = 1_000;
const MAX_WAIT_SECONDS = 60;
const MAX_MID = 2n ** 63n - 1n;
const tag = 'Following';

/** What messages are found by. */
export const FILTER_PARAMETERS = {
  recipient: 'A whole address, or `@domain`',
  sender: 'A whole address, or `@domain`',
  state: 'At least one recipient is in this state',
  tag: 'One of its tags',
  words: 'Words that all stand in the subject',
  mid: 'The `mid` that turboSMTP was answered with: the digits of its id',
  referenceId: 'Its metadata has this `referenceId`, as `reference_id` of turboSMTP sets it',
  campaignId: 'The same for `campaignId`, which `X-campaign-ID` sets',
  provider: 'Id of a provider it was tried at or waits for',
  account: 'Id of its account, for who sees all of them',
  since: 'Accepted at this time or later',
  until: 'Accepted before this time',
};
const LIST_PARAMETERS = {
  ...FILTER_PARAMETERS,
  limit: `Messages on a page, 1 to ${MAX_PAGE}; absent: 50`,
  cursor: '`next` of the page before',
};

const EVENT_PARAMETERS = {
  after: '`cursor` of the answer before; absent: from the oldest event that is kept',
  limit: `Events in one answer, 1 to ${MAX_PAGE}; absent: 100`,
  wait: `Seconds to wait for an event when there is none yet, at most ${MAX_WAIT_SECONDS}; absent: 0`,
};

/** What became of the account's mail, and a say in it. */
export const historyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/messages',
    access: 'read',
    operation: 'messages',
    parse: toListing,
    reply: ({ items, next }) => json(200, { messages: items.map(sayMessage), next: next ?? null }),
    description: {
      tag,
      summary: 'Find messages, newest first',
      query: LIST_PARAMETERS,
      replies: {
        200: {
          description:
            'A page of messages; `next` is null on the last one. A page may be short, or empty, and have a next one: ' +
            'the search then goes on with older messages',
        },
      },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/messages/:id',
    access: 'read',
    operation: 'message',
    parse: readMessageId,
    reply: ({ message, attempts, events }) =>
      json(200, {
        ...sayMessage(message),
        attempts: attempts.map(sayAttempt),
        events: events.map(sayEvent),
      }),
    description: {
      tag,
      summary: 'A message with its recipients, attempts and events',
      replies: { 200: { description: 'The message', schema: STORY_SCHEMA } },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/messages/:id/raw',
    access: 'read',
    operation: 'body',
    parse: readMessageId,
    reply: ({ mime, message }) => ({
      status: 200,
      headers: {
        'content-type': 'message/rfc822',
        'content-disposition': `attachment; filename="${message.id}.eml"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: mime,
    }),
    description: {
      tag,
      summary: 'The message as it is sent',
      replies: { 200: { description: 'A message/rfc822' }, 410: { description: 'Retention has removed it' } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/messages/:id/cancel',
    access: 'send',
    operation: 'cancel',
    parse: toIdWithoutBody,
    reply: message => json(200, sayMessage(message)),
    description: {
      tag,
      summary: 'Do not send what has not been sent yet',
      replies: {
        200: { description: 'The message', schema: MESSAGE_REPLY_SCHEMA },
        409: { description: 'An attempt is under way, or nothing is left to cancel' },
      },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/messages/:id/retry',
    access: 'send',
    operation: 'retry',
    parse: toIdWithoutBody,
    reply: message => json(200, sayMessage(message)),
    description: {
      tag,
      summary: 'Try again now, also what had ended without being delivered',
      replies: {
        200: { description: 'The message', schema: MESSAGE_REPLY_SCHEMA },
        409: { description: 'An attempt is under way, or there is nothing to try again' },
        410: { description: 'Retention has removed the message' },
      },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/events',
    access: 'read',
    operation: 'events',
    parse: toEventRequest,
    reply: ({ events, cursor }) => json(200, { events: events.map(sayEvent), cursor }),
    description: {
      tag,
      summary: 'All events of the account, in order, each exactly once per cursor',
      query: EVENT_PARAMETERS,
      replies: {
        200: {
          description: '`{events, cursor}`',
          schema: {
            type: 'object',
            properties: { events: { type: 'array', items: EVENT_SCHEMA }, cursor: { type: 'string' } },
          },
        },
      },
    },
  }),
];

function toIdWithoutBody(request: DialectRequest): { id: MessageId } {
  refuseBody(request.body);
  return readMessageId(request);
}

function toListing(request: DialectRequest): Operations['messages']['input'] {
  const query = readQuery(request.query, Object.keys(LIST_PARAMETERS));
  const filter = toFilter(query);
  const limit = query.integer('limit', { min: 1, max: MAX_PAGE }) ?? 50;
  const page = present({ cursor: query.text('cursor') });
  query.end();
  return { filter, limit, ...page };
}

/** The filter that a query names. */
export function toFilter(query: QueryReader): MessageFilter {
  const words = query
    .text('words')
    ?.split(/\s+/)
    .filter(word => word !== '');
  const metadata = present({
    referenceId: query.text('referenceId'),
    campaignId: query.text('campaignId'),
  });
  return present({
    id: toMid(query),
    recipient: query.text('recipient'),
    sender: query.text('sender'),
    state: query.oneOf('state', STATES),
    tag: query.text('tag'),
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    words: words?.length === 0 ? undefined : words,
    provider: query.integer('provider', { min: 1, max: 2 ** 31 }),
    account: query.integer('account', { min: 1, max: 2 ** 31 }),
    since: query.time('since'),
    until: query.time('until'),
  });
}

function toMid(query: QueryReader): MessageId | undefined {
  const digits = query.text('mid');
  if (digits === undefined) return undefined;
  const mid = /^\d{1,19}$/.test(digits) ? BigInt(digits) : MAX_MID + 1n;
  if (mid <= MAX_MID) return idFromBigInt(mid);
  query.refuse('mid', 'must be the digits of an id');
  return undefined;
}

function toEventRequest(request: DialectRequest): Operations['events']['input'] {
  const query = readQuery(request.query, Object.keys(EVENT_PARAMETERS));
  const after = query.text('after') ?? '0';
  if (!/^\d{1,18}$/.test(after)) query.refuse('after', 'must be the cursor of an answer before');
  const limit = query.integer('limit', { min: 1, max: MAX_PAGE }) ?? 100;
  const waitMs = 1_000 * (query.integer('wait', { min: 0, max: MAX_WAIT_SECONDS }) ?? 0);
  query.end();
  return { after, limit, waitMs };
}
