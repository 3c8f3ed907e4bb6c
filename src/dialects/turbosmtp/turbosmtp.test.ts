import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeDialect, GOOD_KEY, mutated, requestOf, suiteContext } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { createHttpServer } from '../../http/http.ts';
import type { Handlers } from '../../operations/operations.ts';
import { acceptedCases } from './accepted.cases.ts';
import { CREDENTIALS, GOOD, V1, V2 } from './objects.cases.ts';
import { refusedCases } from './refused.cases.ts';
import { createTurbosmtp } from './turbosmtp.ts';

const turbosmtp = createTurbosmtp({ v1ErrorStatus: 400 });

describeDialect(turbosmtp, [...acceptedCases, ...refusedCases], CREDENTIALS);

describe('the turboSMTP dialect', () => {
  test('owns its paths and no others', () => {
    const ours = [V1, V2, '/api/mail/', '/api/mail/else/where', `${V2}/`];
    const others = [
      '/api/mail',
      '/api/mails',
      '/api/v2/mail/providers',
      '/api/v2/mail/sender',
      '/api/send_mail',
      '/',
    ];
    expect(ours.filter(turbosmtp.owns)).toEqual(ours);
    expect(others.filter(turbosmtp.owns)).toEqual([]);
  });

  test('uses v1ErrorStatus only for the errors 400 of version 1', () => {
    const { sayError } = createTurbosmtp({ v1ErrorStatus: 200 });
    const statusOf = (path: string, code: AppError['code']) =>
      sayError(new AppError(code, 'No.'), requestOf({ method: 'POST', path })).status;
    for (const code of ['invalid', 'malformed', 'too_many_recipients', 'all_suppressed'] as const) {
      expect([statusOf(V1, code), statusOf(V2, code)]).toEqual([200, 400]);
    }
    expect([statusOf(V1, 'too_large'), statusOf(V1, 'unauthenticated'), statusOf(V1, 'unavailable')]).toEqual(
      [413, 401, 503],
    );
  });

  test('accepts a list with a million empty items, and refuses a list with a million invalid ones', async () => {
    const [route] = turbosmtp.routes;
    const bodyOf = (to: string) => ({
      ...requestOf({ method: 'POST', path: V1 }),
      body: Buffer.from(JSON.stringify({ ...GOOD, to })),
    });
    await expect(
      (async () => route?.parse(bodyOf(`${','.repeat(1_000_000)}ada@rcpt.test`)))(),
    ).resolves.toBeDefined();
    await expect((async () => route?.parse(bodyOf('x,'.repeat(1_000_000))))()).rejects.toThrow(
      'more than 100000',
    );
  });

  test('never logs the credentials of a request', async () => {
    const logged: unknown[] = [];
    const operations = { submit: () => Promise.reject(new Error('a bug')) } as Partial<Handlers> as Handlers;
    const log = { error: (...facts: unknown[]) => void logged.push(facts) };
    const server = createHttpServer({ ...suiteContext([turbosmtp], operations), log });
    const request = {
      method: 'POST',
      url: `${V1}?authuser=default&authpass=${GOOD_KEY}`,
      payload: GOOD,
    } as const;
    for (const more of [{}, { headers: CREDENTIALS }, { payload: { ...GOOD, ...CREDENTIALS } }]) {
      const answer = await server.inject({ ...request, ...more });
      expect([answer.statusCode, answer.body]).toEqual([
        500,
        '{"message":"error","errors":["SERVER_ERROR"]}',
      ]);
    }
    expect(logged).toHaveLength(3);
    expect(inspect(logged, { depth: 9 })).not.toContain(GOOD_KEY);
  });

  test('reports for any request whether it has a credential', () => {
    const bodies = [...acceptedCases, ...refusedCases].map(({ request }) => Buffer.from(request.body ?? ''));
    const label = fc.constantFrom('', 'multipart/form-data; boundary=frontier', 'application/json');
    fc.assert(
      fc.property(mutated(bodies), label, fc.string(), fc.constantFrom(V1, V2), (body, type, query, path) => {
        const request = {
          ...requestOf({ method: 'POST', path }),
          ...{ body, headers: { 'content-type': type }, query: new URLSearchParams(query) },
        };
        const found = turbosmtp.credential(request);
        const reply = turbosmtp.sayError(new AppError('unauthenticated', 'No.'), request);
        expect(String(reply.body)).toContain(
          found === undefined ? 'Invalid authorization token' : 'Wrong credentials',
        );
      }),
      { numRuns: 500 },
    );
  });
});
