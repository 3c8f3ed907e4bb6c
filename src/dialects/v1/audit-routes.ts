import { Type } from 'typebox';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { readQuery } from './query.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { sayTime } from './time.ts';

const MAX_PAGE = 1_000;
const KINDS = ['provider', 'account', 'key', 'user', 'tempMail', 'messages', 'secrets'] as const;
const PARAMETERS = {
  kind: `Only this: ${KINDS.join(', ')}`,
  limit: `Entries on a page, 1 to ${MAX_PAGE}; absent: 50`,
  cursor: '`next` of the page before',
};

const ENTRY_SCHEMA = Type.Object({
  id: Type.String(),
  at: TIME_SCHEMA,
  by: Type.String({ description: '`user NAME`, `key ID`, `operator`, `development`' }),
  action: Type.Enum(['added', 'changed', 'removed', 'retried', 'cancelled', 'resent', 'tested']),
  kind: Type.Enum([...KINDS]),
  subject: Type.Union([Type.Integer(), Type.Null()], { description: 'Its id, where it is one thing' }),
  name: Type.String(),
  changes: Type.Record(Type.String(), Type.Array(Type.Unknown()), {
    description: 'Before and after, by field; of a secret only that it changed',
  }),
});

/** Who did what by hand. */
export const auditRoute: Route = route({
  method: 'GET',
  path: '/v1/audit',
  access: 'oversee',
  operation: 'audit',
  parse: request => {
    const query = readQuery(request.query, Object.keys(PARAMETERS));
    const kind = query.oneOf('kind', KINDS);
    const cursor = query.text('cursor');
    const limit = query.integer('limit', { min: 1, max: MAX_PAGE }) ?? 50;
    query.end();
    return { limit, ...present({ kind, cursor }) };
  },
  reply: ({ items, next }) =>
    json(200, {
      entries: items.map(({ at, ...same }) => ({ ...same, at: sayTime(at) })),
      next: next ?? null,
    }),
  description: {
    tag: 'Overview',
    summary: 'Who changed what and when, newest first',
    query: PARAMETERS,
    replies: {
      200: {
        description: '`{entries, next}`; `next` is null on the last page',
        schema: Type.Object({
          entries: Type.Array(ENTRY_SCHEMA),
          next: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    },
  },
});
