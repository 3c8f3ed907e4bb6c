import { describe, expect, test } from 'vitest';
import { GOOD_KEY, GOOD_PASSWORD, GOOD_TOKEN, suiteContext } from '../../test/suites/dialect.ts';
import { AppError } from '../core/errors.ts';
import { type Dialect, type Route, type RouteOf, route } from '../dialects/dialect.ts';
import type { Operations } from '../operations/operations.ts';
import { createHttpServer } from './http.ts';
import type { Handlers } from './http-context.ts';

const OPERATIONS = {
  keys: async (who: unknown) => [who],
  providers: async () => [],
} as unknown as Handlers;

describe('who an operation is called by', () => {
  test('is the address whose token came', async () => {
    const gate = serverOf({ access: 'address' }, { authorization: request => tokenOf(request) });
    const good = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: GOOD_TOKEN } });
    expect(good.json()).toMatchObject([{ id: 7, address: 'someone@temp-mail.test' }]);
    for (const headers of [{ authorization: 'another' }, {}]) {
      const refused = await gate.inject({ method: 'POST', url: '/x', headers });
      expect([refused.statusCode, refused.body]).toEqual([401, 'unauthenticated']);
    }
  });

  test('is the administrator whose password came', async () => {
    const gate = serverOf(
      { access: 'temp-mail admin' },
      { authorization: password => ({ kind: 'temp-mail admin', password }) },
    );
    const good = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: GOOD_PASSWORD } });
    expect(good.json()).toEqual([{ address: '127.0.0.1', isKeyless: false, isSecure: false }]);
    const refused = await gate.inject({ method: 'POST', url: '/x', headers: { authorization: 'guess' } });
    expect(refused.statusCode).toBe(401);
  });

  test('is anyone, and whether the keyless rules hold', async () => {
    const gate = serverOf({ access: 'anyone' }, {});
    const ours = await gate.inject({ method: 'POST', url: '/x', headers: { host: 'localhost' } });
    expect(ours.json()).toEqual([{ address: '127.0.0.1', isKeyless: true, isSecure: false }]);
    const page = { host: 'localhost', origin: 'https://evil.example' };
    const theirs = await gate.inject({ method: 'POST', url: '/x', headers: page });
    expect(theirs.json()).toEqual([{ address: '127.0.0.1', isKeyless: false, isSecure: false }]);
  });

  test('is found in the body where the header says nothing', async () => {
    const gate = serverOf(
      { access: 'send', credentialMayBeInBody: true },
      { body: key => ({ kind: 'key', key }) },
    );
    const good = await gate.inject({ method: 'POST', url: '/x', payload: GOOD_KEY });
    expect(good.statusCode).toBe(200);
    for (const payload of ['pk_1_bad', '']) {
      const refused = await gate.inject({ method: 'POST', url: '/x', payload });
      expect([refused.statusCode, refused.body]).toEqual([401, 'unauthenticated']);
    }
  });
});

describe('what comes before everything', () => {
  const locked: Partial<Dialect> = {
    enter({ headers }) {
      if (headers['x-password'] !== 'open') throw new AppError('unauthenticated', 'Locked.');
    },
  };

  test('holds for paths that are not there, and counts against its caller', async () => {
    let wrong = 0;
    const gate = serverOf({ access: 'anyone' }, {}, locked, () => {
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

  test('does not stop a browser from asking', async () => {
    const gate = serverOf(
      { access: 'anyone' },
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

function serverOf(
  access: Pick<Route, 'access' | 'credentialMayBeInBody'>,
  finders: Finders,
  more: Partial<Dialect> = {},
  noteWrong = () => {},
) {
  const definition: RouteOf<keyof Operations> = {
    ...access,
    method: 'POST',
    path: '/x',
    operation: 'keys',
    parse: () => ({}),
    reply: output => ({ status: 200, body: JSON.stringify(output) }),
  };
  const dialect: Dialect = {
    name: 'test',
    owns: () => true,
    routes: [route(definition)],
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
