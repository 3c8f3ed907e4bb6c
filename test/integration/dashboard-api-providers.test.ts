import { expect, it, onTestFinished } from 'vitest';
import { startAdminGate } from '../helpers/gates/admin-gate.ts';
import { type SinkOptions, startSmtpSink } from '../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../helpers/mail-servers/test-ca.ts';

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

it('a check tests settings without saving them and reports the result of each stage', async () => {
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

it('a check of changed settings uses the stored password', async () => {
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

it('a check names the failed stage: an expired certificate', async () => {
  const validity = { from: new Date(Date.now() - 2e8), to: new Date(Date.now() - 1e8) };
  const old = ca.issue(['127.0.0.1'], validity);
  const { settings, attempt } = await setUp({ tls: { mode: 'starttls', certificate: old } });
  const { ok, stages } = await attempt(settings);
  const failed = stages.at(-1);
  expect([ok, failed]).toMatchObject([false, { stage: 'tls', ok: false }]);
  expect(failed?.detail).toMatch(/certificate has expired/);
  expect(failed?.certificate).toMatchObject({
    subject: '127.0.0.1',
    issuer: 'Test authority',
    daysLeft: expect.any(Number),
  });
});

it('a check shows an untrusted certificate and a certificate for another name', async () => {
  const other = createTestCa('Nobody knows').issue(['127.0.0.1']);
  const stranger = await setUp({ tls: { mode: 'implicit', certificate: other } });
  const encryption = { encryption: 'ssl' };
  expect((await stranger.attempt({ ...stranger.settings, ...encryption })).stages.at(-1)).toMatchObject({
    ...{
      stage: 'tls',
      detail: expect.stringMatching(/^TLS failed: unable to verify the first certificate$/),
    },
    certificate: { issuer: 'Nobody knows' },
  });
  const named = await setUp({ tls: { mode: 'starttls', certificate: ca.issue(['mx.example.com']) } });
  expect((await named.attempt(named.settings)).stages.at(-1)).toMatchObject({
    ...{ stage: 'tls', detail: expect.stringContaining("does not match certificate's altnames") },
    certificate: { subject: 'mx.example.com' },
  });
});

it('a check sends a test message through exactly that provider and writes it to the audit log', async () => {
  const { api, store, settings, attempt, sink } = await setUp();
  const id = await api.addProvider({ ...settings, sendFrom: 'gate@example.com', caption: 'Mail' });
  const mail = { mailTo: 'ada@example.net' };
  const { ok, stages } = await api.ask<Check>('POST', `/v1/providers/${id}/check`, mail);
  expect([ok, stages.at(-1)]).toMatchObject([true, { stage: 'mail', ok: true }]);
  expect(stages.at(-1)?.detail).toMatch(/^Accepted for ada@example.net: 250/);
  expect(sink.messages).toMatchObject([{ sender: 'gate@example.com', recipients: ['ada@example.net'] }]);
  expect(sink.messages[0]?.bytes.toString()).toContain('that Mail delivers mail');
  const { items } = await store.audit.list({ limit: 1 });
  expect(items).toMatchObject([
    { action: 'tested', kind: 'provider', subject: id, changes: { mailTo: [null, ['ada@example.net']] } },
  ]);
  expect((await attempt({ ...settings, ...mail, mailFrom: 'me@example.com' })).ok).toBe(true);
  expect(sink.messages).toHaveLength(2);
});

it('a check reports a refused test message, and sends none after a failed stage', async () => {
  const { settings, attempt, sink } = await setUp({
    ...SECURE,
    answer: ({ stage }) => (stage === 'rcpt' ? '550 5.7.1 not verified' : undefined),
  });
  const mail = { mailTo: 'ada@example.net', mailFrom: 'me@example.com' };
  expect((await attempt({ ...settings, ...mail })).stages.at(-1)).toMatchObject({
    ...{ stage: 'mail', ok: false, detail: '550 5.7.1 not verified' },
  });
  const wrong = await attempt({ ...settings, ...mail, password: 'wrong' });
  expect([wrong.ok, wrong.stages.at(-1)?.stage, sink.messages.length]).toEqual([false, 'auth', 0]);
});

it('a test message needs a sender: the given one, the default sender, or the user name', async () => {
  const { api, settings } = await setUp();
  const id = await api.addProvider(settings);
  const answer = await api.call('POST', `/v1/providers/${id}/check`, { mailTo: 'ada@example.net' });
  expect([answer.status, JSON.parse(answer.text).error.problems[0].field]).toEqual([400, 'mailFrom']);
});

it('every preset is a valid provider with a host and a password', async () => {
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
