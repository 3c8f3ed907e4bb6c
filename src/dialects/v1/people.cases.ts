import { GOOD_SESSION, type GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import type { SessionView } from '../../core/user.ts';
import type { PublicUser } from '../../operations/user-operations.ts';
import { error, get, NOW, NOW_TEXT, post, reply } from './objects.cases.ts';

const session: SessionView = {
  ...{ name: 'ada', kind: 'user', role: 'operator', csrf: 'c', createdAt: NOW, expiresAt: NOW },
};
const sessionJson = { ...session, createdAt: NOW_TEXT, expiresAt: NOW_TEXT };
const user: PublicUser = {
  ...{ id: 2, name: 'ada', role: 'viewer', isEnabled: true, createdAt: NOW, updatedAt: null },
};
const userJson = { ...user, createdAt: NOW_TEXT };
const COOKIE = 'postern_session=ps_1_x; Path=/; HttpOnly; SameSite=Strict';
const visitor = (token = GOOD_SESSION) => ({
  authorization: '',
  cookie: `theme=dark; postern_session=${token}`,
});

/** Signing in and out, and who may. */
export const people: readonly GoldenCase[] = [
  {
    name: 'nobody is signed in',
    request: { ...get('/v1/session'), headers: { authorization: '' } },
    asks: { operation: 'session', input: {} },
    output: { session: null, development: false, isSecure: false },
    reply: reply(200, { session: null, development: false }),
  },
  {
    name: 'who is signed in, also by a cookie that may have ended',
    request: { ...get('/v1/session'), headers: visitor('old') },
    asks: { operation: 'session', input: { token: 'old' } },
    output: { session, token: 'ps_1_x', development: true, isSecure: false },
    reply: reply(200, { session: sessionJson, development: true }, { 'set-cookie': COOKIE }),
  },
  {
    name: 'signing in with a token, behind TLS',
    request: post('/v1/session', { token: 'pk_1_x', user: '', password: null }),
    asks: { operation: 'beginSession', input: { token: 'pk_1_x' } },
    output: { session, token: 'ps_1_x', development: false, isSecure: true },
    reply: reply(201, { session: sessionJson, development: false }, { 'set-cookie': `${COOKIE}; Secure` }),
  },
  {
    name: 'signing in with a password',
    request: post('/v1/session', { user: 'ada', password: 'secret' }, { 'sec-fetch-site': 'same-origin' }),
    asks: { operation: 'beginSession', input: { user: 'ada', password: 'secret' } },
    output: new AppError('unauthenticated', 'The user name or the password is wrong.'),
    reply: reply(401, error('unauthenticated', 'The user name or the password is wrong.'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'signing in from a page of another site',
    request: post('/v1/session', { token: 'pk_1_x' }, { 'sec-fetch-site': 'cross-site' }),
    reply: reply(403, error('forbidden', 'A page of another site cannot sign in here.')),
  },
  {
    name: 'signing in with both',
    request: post('/v1/session', { token: 'pk_1_x', user: 'ada' }),
    reply: reply(
      400,
      error('invalid', 'token: is instead of user and password', [
        { field: 'token', message: 'is instead of user and password' },
      ]),
    ),
  },
  {
    name: 'signing in with nothing',
    request: post('/v1/session', {}),
    reply: reply(
      400,
      error('invalid', 'user: is missing: a token, or a user and a password', [
        { field: 'user', message: 'is missing: a token, or a user and a password' },
      ]),
    ),
  },
  {
    name: 'signing in without the password',
    request: post('/v1/session', { user: 'ada' }),
    reply: reply(
      400,
      error('invalid', 'password: is missing', [{ field: 'password', message: 'is missing' }]),
    ),
  },
  {
    name: 'signing out',
    request: {
      method: 'DELETE',
      url: '/v1/session',
      headers: { ...visitor(), 'x-csrf-token': 'c' },
    },
    asks: { operation: 'endSession', input: { token: GOOD_SESSION, csrf: 'c' } },
    output: { isSecure: false },
    reply: {
      status: 204,
      headers: { 'set-cookie': 'postern_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0' },
      body: '',
    },
  },
  {
    name: 'a session reads',
    request: { ...get('/v1/users'), headers: visitor() },
    asks: { operation: 'users', input: {} },
    output: [{ ...user, updatedAt: NOW }],
    reply: reply(200, { users: [{ ...userJson, updatedAt: NOW_TEXT }] }),
  },
  {
    name: 'a session that has ended',
    request: { ...get('/v1/users'), headers: visitor('ps_9_y') },
    reply: reply(401, error('unauthenticated', 'The session has ended: sign in.'), {
      'www-authenticate': 'Bearer',
    }),
  },
  {
    name: 'a new user',
    request: post('/v1/users', { name: 'ada', role: 'viewer', password: 'a good password' }),
    asks: { operation: 'addUser', input: { name: 'ada', role: 'viewer', password: 'a good password' } },
    output: user,
    reply: reply(201, userJson),
  },
  {
    name: 'a new user with everything wrong',
    request: post('/v1/users', { name: '', role: 'boss', isAdmin: true }),
    reply: reply(
      400,
      error('invalid', 'name: is missing (and 3 more, see problems)', [
        { field: 'name', message: 'is missing' },
        { field: 'password', message: 'is missing' },
        { field: 'isAdmin', message: 'unknown field' },
        { field: 'role', message: 'must be one of admin, operator, viewer' },
      ]),
    ),
  },
  {
    name: 'a change of a user',
    request: {
      method: 'PATCH',
      url: '/v1/users/2',
      body: '{"role":"admin","isEnabled":false,"password":""}',
    },
    asks: { operation: 'changeUser', input: { id: 2, settings: { role: 'admin', isEnabled: false } } },
    output: user,
    reply: reply(200, userJson),
  },
  {
    name: 'removing a user',
    request: { method: 'DELETE', url: '/v1/users/2' },
    asks: { operation: 'removeUser', input: { id: 2 } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'signing a user out everywhere',
    request: { method: 'DELETE', url: '/v1/users/2/sessions' },
    asks: { operation: 'signOutUser', input: { id: 2 } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'a user whose id is none',
    request: { method: 'DELETE', url: '/v1/users/ada' },
    reply: reply(404, error('not_found', 'There is no such user.')),
  },
];
