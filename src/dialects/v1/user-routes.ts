import { Type } from 'typebox';
import type { PublicUser } from '../../operations/user-operations.ts';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { parseJson, withoutAbsent } from './json-body.ts';
import { readId } from './path-id.ts';
import { ROLE_SCHEMA, TIME_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';
import { sayTime } from './time.ts';

const tag = 'Users';

const PASSWORD = Type.String({ description: '10 to 256 characters; never returned' });
const NEW_USER_SCHEMA = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), role: ROLE_SCHEMA, password: PASSWORD },
  { additionalProperties: false },
);
const SETTINGS_SCHEMA = Type.Partial(
  Type.Object({
    role: ROLE_SCHEMA,
    isEnabled: Type.Boolean({ description: 'false ends the sessions of the user' }),
    password: PASSWORD,
  }),
  { additionalProperties: false },
);
const USER_SCHEMA = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  role: ROLE_SCHEMA,
  isEnabled: Type.Boolean(),
  createdAt: TIME_SCHEMA,
  updatedAt: Type.Union([TIME_SCHEMA, Type.Null()]),
});
const NEW_SHAPE = compileShape(NEW_USER_SCHEMA);
const SETTINGS_SHAPE = compileShape(SETTINGS_SCHEMA);

/** The people who sign in to the dashboard, managed. */
export const userRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/users',
    access: 'manage',
    operation: 'users',
    parse: () => ({}),
    reply: users => json(200, { users: users.map(sayUser) }),
    description: {
      tag,
      summary: 'All users of the dashboard',
      replies: {
        200: { description: '`{users}`', schema: Type.Object({ users: Type.Array(USER_SCHEMA) }) },
      },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/users',
    access: 'manage',
    operation: 'addUser',
    parse: request => NEW_SHAPE.read(withoutAbsent(parseJson(request.body))),
    reply: user => json(201, sayUser(user)),
    description: {
      tag,
      summary: 'Add a user',
      body: NEW_USER_SCHEMA,
      replies: {
        201: { description: 'The user', schema: USER_SCHEMA },
        409: { description: 'The name is taken' },
      },
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/users/:id',
    access: 'manage',
    operation: 'changeUser',
    parse: request => ({
      id: readId(request, 'user'),
      settings: SETTINGS_SHAPE.read(withoutAbsent(parseJson(request.body))),
    }),
    reply: user => json(200, sayUser(user)),
    description: {
      tag,
      summary: 'Change a user; a new password ends the sessions of the user',
      body: SETTINGS_SCHEMA,
      replies: {
        200: { description: 'The user', schema: USER_SCHEMA },
        409: { description: 'It is the last administrator, and would be none any more' },
      },
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/users/:id',
    access: 'manage',
    operation: 'removeUser',
    parse: request => ({ id: readId(request, 'user') }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Remove a user',
      replies: {
        204: { description: 'The user is signed out' },
        409: { description: 'It is the last administrator' },
      },
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/users/:id/sessions',
    access: 'manage',
    operation: 'signOutUser',
    parse: request => ({ id: readId(request, 'user') }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Sign a user out everywhere',
      replies: { 204: { description: 'All sessions of the user have ended' } },
    },
  }),
];

function sayUser({ createdAt, updatedAt, ...same }: PublicUser): object {
  return {
    ...same,
    createdAt: sayTime(createdAt),
    updatedAt: updatedAt === null ? null : sayTime(updatedAt),
  };
}
