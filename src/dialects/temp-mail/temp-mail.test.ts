import { describe, expect, test } from 'vitest';
import { describeDialect, requestOf, suiteContext } from '../../../test/suites/dialect.ts';
import { createHttpServer } from '../../http/http.ts';
import type { Handlers } from '../../operations/operations.ts';
import { answering, info } from './answering.cases.ts';
import { refusing } from './refusing.cases.ts';
import { tempMail } from './temp-mail.ts';

describeDialect(tempMail(), [...answering, ...refusing], {});

describe('the site password of temp-mail', () => {
  const MISSING = 'You have enabled the private site password, please provide the password';
  const dialect = tempMail({ isSitePassword: given => given === 'sesame' });

  async function ask(method: 'GET' | 'POST' | 'OPTIONS', url: string, headers: Record<string, string> = {}) {
    const wrong: string[] = [];
    const operations = { tempMailInfo: async () => ({ ...info, hasSitePassword: true }) };
    const context = suiteContext([dialect], operations as unknown as Handlers);
    const server = createHttpServer({ ...context, noteWrong: address => void wrong.push(address) });
    const answer = await server.inject({ method, url, headers });
    return { status: answer.statusCode, body: answer.body, type: answer.headers['content-type'], wrong };
  }

  test.each([
    ['GET', '/health_check'],
    ['POST', '/external/api/send_mail'],
    ['POST', '/api/send_mail'],
    ['GET', '/admin/account_settings'],
    ['GET', '/api/nothing'],
  ] as const)('is required before all other checks at %s %s', async (method, url) => {
    for (const headers of [{}, { 'x-custom-auth': 'wrong' }]) {
      expect(await ask(method, url, headers)).toEqual({
        status: 401,
        body: MISSING,
        type: 'text/plain;charset=UTF-8',
        wrong: ['127.0.0.1'],
      });
    }
  });

  test('has a Chinese error on request', async () => {
    expect(await ask('GET', '/health_check', { 'x-lang': 'zh' })).toMatchObject({
      status: 401,
      body: '你已启用私有站点密码,请提供密码',
    });
  });

  test('permits a request, and counts no failure of the client', async () => {
    const answer = await ask('GET', '/health_check', { 'x-custom-auth': 'sesame' });
    expect(answer).toMatchObject({ status: 200, body: 'OK', wrong: [] });
  });

  test('is not required for /open_api/settings, which reports whether it is missing', async () => {
    expect(JSON.parse((await ask('GET', '/open_api/settings')).body)).toMatchObject({ needAuth: true });
    const answer = await ask('GET', '/open_api/settings', { 'x-custom-auth': 'sesame' });
    expect(JSON.parse(answer.body)).toMatchObject({ needAuth: false });
  });

  test('is not required for a CORS preflight', async () => {
    expect(await ask('OPTIONS', '/api/send_mail')).toMatchObject({ status: 204 });
  });
});

describe('the temp-mail dialect', () => {
  test.each(['/api/x', '/admin/x', '/external/x', '/open_api/x', '/health_check'])(
    'owns the path %s',
    path => {
      expect(tempMail().owns(path)).toBe(true);
    },
  );

  test.each(['/v1/messages', '/messages', '/', '/health_check/x', '/apis/x'])(
    'does not own the path %s',
    path => {
      expect(tempMail().owns(path)).toBe(false);
    },
  );

  test('finds no credential in an empty body', () => {
    expect(
      tempMail().credential(requestOf({ method: 'POST', path: '/external/api/send_mail' })),
    ).toBeUndefined();
  });
});
