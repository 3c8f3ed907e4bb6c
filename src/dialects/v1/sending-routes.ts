import { AppError, invalidField } from '../../core/errors.ts';
import type { Accepted, Submission } from '../../core/submission.ts';
import type { Explanation } from '../../operations/message-operations.ts';
import { type DialectReply, type Route, route } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { json } from '../json-reply.ts';
import { errorBody } from './error-reply.ts';
import { parseJson } from './json-body.ts';
import { toSubmission } from './read-message.ts';
import { ACCEPTED_SCHEMA } from './reply-schemas.ts';
import { MESSAGE_SCHEMA } from './schema.ts';
import { sayTime } from './time.ts';
import { sayAccepted, sayProvider } from './views.ts';

/** Messages in one batch. */
const MAX_BATCH = 1_000;
const tag = 'Sending';

/** The header field for "the same request again". */
export const KEY_DESCRIPTION = {
  'Idempotency-Key':
    'For 24 hours the same key brings the same answer and no second message; another message under it is a conflict',
};

/** Handing in mail. */
export const sendingRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/messages',
    access: 'send',
    operation: 'submit',
    parse: request => toSubmission(parseJson(request.body), request.headers['idempotency-key']),
    reply: sayOne,
    description: {
      tag,
      summary: 'Send a message',
      description:
        'Once this answers 202 the message is on disk, and what becomes of it is in its events. Null and "" mean absent.',
      headers: KEY_DESCRIPTION,
      body: MESSAGE_SCHEMA,
      replies: { 202: { description: 'Accepted', schema: ACCEPTED_SCHEMA } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/messages/batch',
    access: 'send',
    operation: 'submitBatch',
    parse: request => toBatch(parseJson(request.body)),
    reply: sayBatch,
    description: {
      tag,
      summary: 'Send up to 1,000 messages',
      description:
        'Each stands for itself: results come in the order of the messages. 202 when all were accepted, 207 when some were, else the status of the first refusal.',
      body: { type: 'array', items: MESSAGE_SCHEMA, minItems: 1, maxItems: MAX_BATCH },
      replies: { 202: { description: 'All were accepted' }, 207: { description: 'Some were accepted' } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/messages/explain',
    access: 'send',
    operation: 'explain',
    parse: request => toSubmission(parseJson(request.body), undefined),
    reply: explanation => json(200, sayExplanation(explanation)),
    description: {
      tag,
      summary: 'Show what would be sent, and by which provider, without sending it',
      body: MESSAGE_SCHEMA,
      replies: { 200: { description: 'The envelope, the composed message, the route and the times' } },
    },
  }),
];

/** The 202 for one message. */
export function sayOne(accepted: Accepted): DialectReply {
  return json(202, sayAccepted(accepted), {
    location: `/v1/messages/${accepted.id}`,
    ...(accepted.replayed && { 'idempotency-replayed': 'true' }),
  });
}

function toBatch(value: unknown): (Submission | AppError)[] {
  if (!Array.isArray(value)) throw invalidField('body', 'must be a list of messages');
  if (value.length === 0) throw invalidField('body', 'must hold at least one message');
  if (value.length > MAX_BATCH) throw invalidField('body', `must not hold more than ${MAX_BATCH} messages`);
  return value.map(item => {
    try {
      return toSubmission(item, undefined);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
}

function sayBatch(results: readonly (Accepted | AppError)[]): DialectReply {
  const refusals = results.filter(result => result instanceof AppError);
  const [first] = refusals;
  const accepted = results.length - refusals.length;
  return json(first === undefined ? 202 : accepted > 0 ? 207 : STATUS[first.code], {
    accepted,
    refused: refusals.length,
    results: results.map(sayResult),
  });
}

function sayResult(result: Accepted | AppError): object {
  if (result instanceof AppError) return { status: STATUS[result.code], error: errorBody(result) };
  return { status: 202, ...sayAccepted(result), ...(result.replayed && { replayed: true }) };
}

function sayExplanation({ envelope, mime, route: steps, dueAt, expiresAt }: Explanation): object {
  return {
    envelope,
    raw: mime.toString('utf8'),
    size: mime.length,
    route: steps.map(({ provider, ...same }) => ({ ...same, provider: sayProvider(provider) })),
    dueAt: sayTime(dueAt),
    expiresAt: sayTime(expiresAt),
  };
}
