import { expect, it, onTestFinished } from 'vitest';
import { startAdminGate } from '../helpers/admin-gate.ts';
import { type SinkOptions, startSmtpSink } from '../helpers/smtp-sink.ts';
import { createTestCa } from '../helpers/test-ca.ts';

interface Check {
  readonly ok: boolean;
  readonly stages: readonly {
    readonly stage: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly addresses?: readonly string[];
    readonly capabilities?: readonly string[];
    readonly certificate?: object;
  }[];
}

const ca = createTestCa('Test authority');
const certificate = ca.issue(['localhost', '127.0.0.1']);
const SECURE = { tls: { mode: 'starttls', certificate }, users: { shop: 'secret' } } as const;

async function setUp(options: SinkOptions = SECURE) {
  const sink = await startSmtpSink(options);
  onTestFinished(() => sink.close());
  const gate = await startAdminGate();
  const settings = {
    ...{ host: '127.0.0.1', port: sink.port, encryption: 'tls', caPem: ca.cert },
    ...{ username: 'shop', password: 'secret' },
  };
  const attempt = (body: object) => gate.api.ask<Check>('POST', '/v1/providers/check', body);
  return { ...gate, sink, settings, attempt };
}

it('tries settings without saving them, and tells what each stage found', async () => {
  const { api, settings, attempt } = await setUp();
  const { ok, stages } = await attempt(settings);
  expect([ok, stages.map(({ stage }) => stage)]).toEqual([
    true,
    ['dns', 'connect', 'greeting', 'tls', 'ehlo', 'auth', 'noop'],
  ]);
  const of = (name: string) => stages.find(({ stage }) => stage === name);
  expect(of('dns')?.addresses).toEqual(['127.0.0.1']);
  expect(of('tls')?.certificate).toEqual({
    ...{ subject: 'localhost', issuer: 'Test authority', daysLeft: expect.any(Number) },
    ...{ validFrom: expect.stringMatching(/Z$/), validTo: expect.stringMatching(/Z$/) },
  });
  expect(of('ehlo')?.capabilities).toContain('8BITMIME');
  expect(await api.ask('GET', '/v1/providers')).toEqual({ providers: [] });
});

it('tries a change of a provider with the password that is kept', async () => {
  const { api, settings, attempt } = await setUp();
  const id = await api.addProvider({ ...settings, port: 1 });
  const { port } = settings;
  expect(await attempt({ id, port })).toMatchObject({ ok: true });
  expect((await attempt({ id, port, password: 'wrong' })).stages.at(-1)).toMatchObject({
    ...{ stage: 'auth', ok: false, detail: expect.stringMatching(/^535/) },
  });
  expect(await api.ask('GET', `/v1/providers/${id}`)).toMatchObject({ port: 1 });
  expect((await api.call('POST', '/v1/providers/check', { id: 99 })).status).toBe(404);
});

it('names the stage that failed: a certificate that has ended', async () => {
  const validity = { from: new Date(Date.now() - 2e8), to: new Date(Date.now() - 1e8) };
  const old = ca.issue(['127.0.0.1'], validity);
  const { settings, attempt } = await setUp({ tls: { mode: 'starttls', certificate: old } });
  const { ok, stages } = await attempt(settings);
  expect([ok, stages.at(-1)]).toMatchObject([false, { stage: 'tls', ok: false, detail: /expired/ }]);
});

it('takes settings of every preset as they are, but for host and password', async () => {
  const { api } = await setUp();
  const { presets } = await api.ask<{
    presets: readonly Record<'name' | 'host' | 'usernameHint' | 'passwordHint' | 'note' | 'docs', string>[];
  }>('GET', '/v1/providers/presets');
  expect(presets.map(({ name }) => name)).toEqual([
    ...['ses', 'sendgrid', 'mailgun', 'postmark', 'gmail', 'microsoft365', 'own'],
  ]);
  for (const {
    name: _,
    usernameHint: __,
    passwordHint: ___,
    note: ____,
    docs,
    host,
    ...settings
  } of presets) {
    if (docs !== '') expect(new URL(docs).protocol).toBe('https:');
    expect(
      await api.addProvider({ ...settings, host: host || 'mail.example', username: 'u', password: 'p' }),
    ).toBeGreaterThan(0);
  }
});
