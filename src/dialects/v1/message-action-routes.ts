import { type Static, Type } from 'typebox';
import { type Address, parseAddress } from '../../core/address.ts';
import { invalidField } from '../../core/errors.ts';
import type { MessageFilter } from '../../core/message-view.ts';
import type { BulkResult } from '../../operations/message-operations.ts';
import type { Operations } from '../../operations/operations.ts';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { FILTER_PARAMETERS, toFilter } from './history-routes.ts';
import { parseJson, refuseBody, withoutAbsent } from './json-body.ts';
import { readMessageId } from './path-id.ts';
import { collectProblems } from './problems.ts';
import { readQuery } from './query.ts';
import { ACCEPTED_SCHEMA } from './reply-schemas.ts';
import { sayOne } from './sending-routes.ts';
import { compileShape } from './shape.ts';

const tag = 'Following';
const MOST_RECIPIENTS = 50;

const VALUE = Type.Unsafe<string | number | null>({ type: ['string', 'integer', 'null'] });
const BULK_SCHEMA = Type.Object(
  {
    filter: Type.Record(Type.String(), VALUE, {
      description: `As the query of \`GET /v1/messages\`: ${Object.keys(FILTER_PARAMETERS).join(', ')}. Not empty`,
    }),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only counts, up to 10,000' })),
    cursor: Type.Optional(Type.String({ description: '`next` of the answer before' })),
  },
  { additionalProperties: false },
);
const RESEND_SCHEMA = Type.Object(
  {
    recipients: Type.Array(Type.String({ maxLength: 320 }), { minItems: 1, maxItems: MOST_RECIPIENTS }),
  },
  { additionalProperties: false },
);
const BULK_SHAPE = compileShape(BULK_SCHEMA);
const RESEND_SHAPE = compileShape(RESEND_SCHEMA);
const RESULT_SCHEMA = Type.Union([
  Type.Object({
    count: Type.Integer(),
    isExact: Type.Boolean({ description: 'false: there are more' }),
  }),
  Type.Object({
    done: Type.Integer(),
    skipped: Type.Integer({
      description: 'Messages that it could not be done to: they ended, or are being sent',
    }),
    next: Type.Union([Type.String(), Type.Null()]),
  }),
]);

/** A say in many messages at once, and in who else gets one. */
export const interventionRoutes: readonly Route[] = [
  bulkRoute('retry', 'Try many messages again now, 500 at a time'),
  bulkRoute('cancel', 'Cancel many messages, 500 at a time'),
  route({
    method: 'DELETE',
    path: '/v1/messages',
    access: 'manage',
    operation: 'clearInbox',
    parse: request => {
      refuseBody(request.body);
      return {};
    },
    reply: result => json(200, result),
    description: {
      tag,
      summary: 'Development mode: delete every message that has ended',
      replies: {
        200: { description: 'How many', schema: Type.Object({ deleted: Type.Integer() }) },
        409: { description: 'It is not development mode' },
      },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/messages/:id/resend',
    access: 'operate',
    operation: 'resend',
    parse: request => ({ ...readMessageId(request), recipients: toRecipients(request) }),
    reply: sayOne,
    description: {
      tag,
      summary: 'Send a message again, to somebody else',
      description:
        'A new message of the same account: the same content, with `Resent-` fields in front (RFC 5322 3.6.6).',
      body: RESEND_SCHEMA,
      replies: {
        202: { description: 'Accepted', schema: ACCEPTED_SCHEMA },
        410: { description: 'Retention has removed the message' },
      },
    },
  }),
];

function bulkRoute(action: 'retry' | 'cancel', summary: string): Route {
  return route({
    method: 'POST',
    path: `/v1/messages/${action}`,
    access: 'operate',
    operation: 'bulk',
    parse: request => toBulk(action, BULK_SHAPE.read(withoutAbsent(parseJson(request.body)))),
    reply: result => json(200, sayResult(result)),
    description: {
      tag,
      summary,
      description: 'With `dryRun` it only counts. Ask again with `cursor` until `next` is null.',
      body: BULK_SCHEMA,
      replies: { 200: { description: 'How many, and where to go on', schema: RESULT_SCHEMA } },
    },
  });
}

function toBulk(
  action: 'retry' | 'cancel',
  { filter: given, dryRun = false, cursor }: Static<typeof BULK_SCHEMA>,
): Operations['bulk']['input'] {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== null) fields.set(name, String(value));
  const query = readQuery(fields, Object.keys(FILTER_PARAMETERS));
  const filter: MessageFilter = toFilter(query);
  query.end();
  // An empty one is more likely a slip than the wish to act on all mail there is.
  if (Object.keys(filter).length === 0) throw invalidField('filter', 'must not be empty');
  return { action, filter, dryRun, ...present({ cursor }) };
}

function sayResult(result: BulkResult): object {
  return 'count' in result ? result : { ...result, next: result.next ?? null };
}

function toRecipients({ body }: DialectRequest): readonly Address[] {
  const problems = collectProblems();
  const recipients = RESEND_SHAPE.read(parseJson(body)).recipients.flatMap((text, i) => {
    const parsed = parseAddress(text);
    if (parsed.ok) return [parsed.value];
    problems.add(`recipients[${i}]`, parsed.reason);
    return [];
  });
  problems.throwIfAny();
  return [...new Set(recipients)];
}
