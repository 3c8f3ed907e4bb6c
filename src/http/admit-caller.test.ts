import { describe, expect, test } from 'vitest';
import { GOOD_KEY, GOOD_PASSWORD, GOOD_TOKEN, suiteContext } from '../../test/suites/dialect.ts';
import { AppError } from '../core/errors.ts';
import type { MessageId } from '../core/message.ts';
import { type Dialect, type Route, route } from '../dialects/dialect.ts';
import type { Handlers } from '../operations/operations.ts';
import { createHttpServer } from './http.ts';

/** Operations that return their caller. */
const OPERATIONS = new Proxy({}, { get: () => async (caller: unknown) => [caller] }) as Handlers;

/** One route for each access that the tests need. */
const common = { method: 'POST', path: '/x', parse: () => ({}) } as const;
const reply = (output: unknown) => ({ status: 200, body: JSON.stringify(output) });
const ROUTES = {
  address: route({ ...common, access: 'address', operation: 'tempMailBalance', reply }),
  admin: route({ ...common, access: 'temp-mail admin', operation: 'tempMailPolicy', reply }),
  anyone: route({ ...common, access: 'anyone', operation: 'tempMailInfo', reply }),
  keyInBody: route({
    ...common,
    access: 'send',
    operation: 'retry',
    parse: () => ({ id: 'x' as MessageId }),
    credentialMayBeInBody: true,
    reply,
  }),
};

describe('the caller of an operation', () => {
  test('is the temp-mail address of the token', async () => {
    const gate = serverOf(ROUTES.address, { authorization: request => tokenOf(request) });
    const good = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: GOOD_TOKEN } });
    expect(good.json()).toMatchObject([{ id: 7, address: 'someone@temp-mail.test' }]);
    for (const headers of [{ authorization: 'another' }, {}]) {
      const refused = await gate.inject({ method: 'POST', url: '/x', headers });
      expect([refused.statusCode, refused.body]).toEqual([401, 'unauthenticated']);
    }
  });

  test('is the temp-mail admin of the password', async () => {
    const gate = serverOf(ROUTES.admin, {
      authorization: password => ({ kind: 'temp-mail admin', password }),
    });
    const good = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: GOOD_PASSWORD } });
    expect(good.json()).toEqual([{ kind: 'temp-mail admin', address: '127.0.0.1' }]);
    const refused = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: 'guess' } });
    expect(refused.statusCode).toBe(401);
  });

  test('is any client, with the result of the keyless rules', async () => {
    const gate = serverOf(ROUTES.anyone, {});
    const ours = await gate.inject({ method: 'POST', url: '/x', headers: { host: 'localhost' } });
    expect(ours.json()).toEqual([{ address: '127.0.0.1', isKeyless: true, isSecure: false }]);
    const page = { host: 'localhost', origin: 'https://evil.example' };
    const theirs = await gate.inject({ method: 'POST', url: '/x', headers: page });
    expect(theirs.json()).toEqual([{ address: '127.0.0.1', isKeyless: false, isSecure: false }]);
  });

  test('is found in the body when the header has no credential', async () => {
    const gate = serverOf(ROUTES.keyInBody, { body: key => ({ kind: 'key', key }) });
    const good = await gate.inject({ method: 'POST', url: '/x', payload: GOOD_KEY });
    expect(good.statusCode).toBe(200);
    for (const payload of ['pk_1_bad', '']) {
      const refused = await gate.inject({ method: 'POST', url: '/x', payload });
      expect([refused.statusCode, refused.body]).toEqual([401, 'unauthenticated']);
    }
  });
});

describe('the check that a dialect does first', () => {
  const locked: Partial<Dialect> = {
    enter({ headers }) {
      if (headers['x-password'] !== 'open') throw new AppError('unauthenticated', 'Locked.');
    },
  };

  test('also guards unknown paths, and counts failures of the client address', async () => {
    let wrong = 0;
    const gate = serverOf(ROUTES.anyone, {}, locked, () => {
      wrong += 1;
    });
    for (const url of ['/x', '/nowhere']) {
      const answer = await gate.inject({ method: 'POST', url });
      expect([answer.statusCode, answer.body]).toEqual([401, 'unauthenticated']);
    }
    expect(wrong).toBe(2);
    const open = await gate.inject({ method: 'POST', url: '/nowhere', headers: { 'x-password': 'open' } });
    expect(open.statusCode).toBe(404);
  });

  test('lets the preflight requests of browsers through', async () => {
    const gate = serverOf(
      ROUTES.anyone,
      {},
      {
        ...locked,
        everyReply: { 'access-control-allow-origin': '*' },
        preflight: { 'access-control-allow-headers': 'x-password' },
      },
    );
    for (const url of ['/x', '/nowhere']) {
      const answer = await gate.inject({ method: 'OPTIONS', url });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'x-password',
      });
    }
    const refused = await gate.inject({ method: 'POST', url: '/x' });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, '*']);
  });
});

/** How the dialect of these tests finds a credential: in one header, or in the body. */
interface Finders {
  readonly authorization?: (value: string) => ReturnType<Dialect['credential']>;
  readonly body?: (value: string) => ReturnType<Dialect['credential']>;
}

function tokenOf(token: string) {
  return { kind: 'address', token } as const;
}

function serverOf(served: Route, finders: Finders, more: Partial<Dialect> = {}, noteWrong = () => {}) {
  const dialect: Dialect = {
    name: 'test',
    owns: () => true,
    routes: [served],
    allowsKeyless: false,
    credential({ headers, body }) {
      const { authorization } = headers;
      if (authorization !== undefined) return finders.authorization?.(authorization);
      return body.length === 0 ? undefined : finders.body?.(body.toString());
    },
    sayError: error => ({ status: { not_found: 404 }[error.code as string] ?? 401, body: error.code }),
    ...more,
  };
  return createHttpServer({ ...suiteContext([dialect], OPERATIONS), noteWrong });
}
