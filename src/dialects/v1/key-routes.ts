import { Type } from 'typebox';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { parseJson, withoutAbsent } from './json-body.ts';
import { readId } from './path-id.ts';
import { KEY_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';
import { sayKey } from './views.ts';

const tag = 'Keys';

const NEW_KEY_SCHEMA = Type.Object(
  {
    account: Type.Optional(
      Type.String({ maxLength: 255, description: "Name of the account; absent: the caller's own" }),
    ),
    name: Type.String({ minLength: 1, maxLength: 255 }),
    scopes: Type.Array(Type.Enum(['send', 'read', 'manage']), { minItems: 1, uniqueItems: true }),
    newAccount: Type.Optional(
      Type.Object(
        {
          allowedSenders: Type.Array(Type.String({ maxLength: 320 }), {
            maxItems: 1_000,
            description: 'Addresses, `@domain`, or `*`',
          }),
        },
        { additionalProperties: false, description: 'Makes the account, with what it may send as' },
      ),
    ),
  },
  { additionalProperties: false },
);

const SHAPE = compileShape(NEW_KEY_SCHEMA);

/** The credentials of the accounts, managed. */
export const keyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/keys',
    access: 'oversee',
    operation: 'keys',
    parse: () => ({}),
    reply: keys => json(200, { keys: keys.map(sayKey) }),
    description: {
      tag,
      summary: 'All keys, without their secrets',
      replies: { 200: { description: '`{keys}`' } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/keys',
    access: 'manage',
    operation: 'createKey',
    parse: request => SHAPE.read(withoutAbsent(parseJson(request.body))),
    reply: ({ key, secret }) => json(201, { ...sayKey(key), secret }),
    description: {
      tag,
      summary: 'Make a key',
      body: NEW_KEY_SCHEMA,
      replies: {
        201: {
          description: 'The key; `secret` is what callers present, and is shown this once',
          schema: Type.Object({ ...KEY_SCHEMA.properties, secret: Type.String() }),
        },
      },
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/keys/:id',
    access: 'manage',
    operation: 'revokeKey',
    parse: request => ({ id: readId(request, 'key') }),
    reply: () => ({ status: 204 }),
    description: { tag, summary: 'Revoke a key', replies: { 204: { description: 'It works no more' } } },
  }),
];
