import { Type } from 'typebox';
import { AppError, invalidField } from '../../core/errors.ts';
import type { SessionState, SignIn } from '../../operations/user-operations.ts';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { sessionOf, setCookie } from './cookie.ts';
import { parseJson, refuseBody, withoutAbsent } from './json-body.ts';
import { ROLE_SCHEMA, TIME_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';
import { sayTime } from './time.ts';

const tag = 'Session';

const SIGN_IN_SCHEMA = Type.Partial(
  Type.Object({
    token: Type.String({
      maxLength: 256,
      description: 'A key with the scope `manage`; instead of the others',
    }),
    user: Type.String({ maxLength: 64 }),
    password: Type.String({ maxLength: 256 }),
  }),
  { additionalProperties: false },
);
const STATE_SCHEMA = Type.Object({
  session: Type.Union([
    Type.Object({
      name: Type.String(),
      kind: Type.Enum(['user', 'key', 'development']),
      role: ROLE_SCHEMA,
      csrf: Type.String({ description: 'For the header `X-CSRF-Token` of all that is no GET' }),
      createdAt: TIME_SCHEMA,
      expiresAt: TIME_SCHEMA,
    }),
    Type.Null(),
  ]),
  development: Type.Boolean(),
});
const SHAPE = compileShape(SIGN_IN_SCHEMA);

/** Signing in to the dashboard and out of it. */
export const sessionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/session',
    access: 'anyone',
    operation: 'session',
    parse: request => {
      const session = sessionOf(request);
      return session === undefined ? {} : { token: session.token };
    },
    reply: state => sayState(200, state),
    description: {
      tag,
      summary: 'Who is signed in',
      description: 'In development mode who asks from this machine is signed in by it.',
      replies: { 200: { description: '`session` is null for who is not signed in', schema: STATE_SCHEMA } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/session',
    access: 'anyone',
    operation: 'beginSession',
    bodyLimit: 10_000,
    parse: toSignIn,
    reply: state => sayState(201, state),
    description: {
      tag,
      summary: 'Sign in: the session is in a cookie from then on',
      body: SIGN_IN_SCHEMA,
      replies: {
        201: { description: 'Signed in for 12 hours', schema: STATE_SCHEMA },
        401: { description: 'Wrong token, user or password' },
      },
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/session',
    access: 'anyone',
    operation: 'endSession',
    parse: request => {
      refuseBody(request.body);
      const { token = '', csrf } = sessionOf(request) ?? {};
      return { token, ...(csrf !== undefined && { csrf }) };
    },
    reply: ({ isSecure }) => ({ status: 204, headers: setCookie(undefined, isSecure) }),
    description: { tag, summary: 'Sign out', replies: { 204: { description: 'The session has ended' } } },
  }),
];

function toSignIn({ body, headers }: DialectRequest): SignIn {
  // Signing a visitor in as somebody else is what a page of another site could want.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new AppError('forbidden', 'A page of another site cannot sign in here.');
  }
  const { token, user, password } = SHAPE.read(withoutAbsent(parseJson(body)));
  if (token !== undefined && user === undefined && password === undefined) return { token };
  if (token !== undefined) throw invalidField('token', 'is instead of user and password');
  if (user === undefined) throw invalidField('user', 'is missing: a token, or a user and a password');
  if (password === undefined) throw invalidField('password', 'is missing');
  return { user, password };
}

function sayState(status: number, { session, token, development, isSecure }: SessionState) {
  const cookie = token === undefined ? {} : setCookie(token, isSecure);
  if (session === null) return json(status, { session, development }, cookie);
  const { createdAt, expiresAt, ...same } = session;
  const said = { ...same, createdAt: sayTime(createdAt), expiresAt: sayTime(expiresAt) };
  return json(status, { session: said, development }, cookie);
}
