import { describe, expect, it } from 'vitest';
import { createTestCa } from '../../../test/helpers/mail-servers/test-ca.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import type { Provider, SmtpProvider } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import { draftProvider } from './provider-draft.ts';

const CERTIFICATE = createTestCa().cert;
const RULES = { allowClearText: ['127.0.0.0/8'], development: false };

const OLD: SmtpProvider = {
  id: 1,
  kind: 'smtp',
  caption: 'First',
  isEnabled: true,
  priority: 5,
  weight: 0,
  limits: {},
  senderDomains: ['shop.example'],
  maxRecipientsPerMessage: 10,
  sendFrom: '',
  sendFromName: '',
  createdAt: 0,
  updatedAt: null,
  host: 'mail.example',
  port: 2525,
  encryption: 'tls',
  username: 'bob',
  sealedPassword: 'sealed',
  maxConnections: 3,
  caPem: CERTIFICATE,
};

function draft(settings: ProviderSettings, old?: Provider, rules = RULES) {
  return draftProvider(settings, old, rules);
}

function problemsOf(settings: ProviderSettings, old?: Provider, rules = RULES): readonly Problem[] {
  try {
    draftProvider(settings, old, rules);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid') return error.details.problems ?? [];
    throw error;
  }
  return [];
}

describe('draftProvider', () => {
  it('fills in the defaults of an SMTP server', () => {
    expect(draft({ host: 'Mail.Example' })).toEqual({
      provider: {
        kind: 'smtp',
        caption: null,
        isEnabled: true,
        priority: 10,
        weight: 100,
        limits: {},
        senderDomains: [],
        maxRecipientsPerMessage: 100,
        sendFrom: '',
        sendFromName: '',
        host: 'mail.example',
        port: 587,
        encryption: 'tls',
        username: '',
        maxConnections: 20,
      },
      password: undefined,
    });
  });

  it.each([
    [{ encryption: 'tls' }, 587],
    [{ encryption: 'ssl' }, 465],
    [{ encryption: 'none', host: '127.0.0.1' }, 25],
    [{ encryption: 'ssl', port: 25 }, 25],
  ] as const)('takes the usual port of %j', (settings, port) => {
    expect(draft({ host: 'mail.example', ...settings }).provider).toMatchObject({ port });
  });

  it('reads domains and addresses into the form in which they are compared', () => {
    const settings = {
      host: 'bücher.example',
      senderDomains: ['Shop.Example', 'shop.example'],
      sendFrom: 'A@B.Example',
    };
    expect(draft(settings).provider).toMatchObject({
      host: 'xn--bcher-kva.example',
      senderDomains: ['shop.example'],
      sendFrom: 'A@b.example',
    });
  });

  it('sets, keeps and takes away limits one by one', () => {
    const limited = { ...OLD, ...draft({ maxPerSecond: 14, maxPerDay: 50_000, weight: 7 }, OLD).provider };
    expect(limited).toMatchObject({ weight: 7, limits: { maxPerSecond: 14, maxPerDay: 50_000 } });
    const changed = draft({ maxPerSecond: null, maxPerHour: 1_000 }, limited).provider;
    expect(changed.weight).toBe(7);
    expect(changed.limits).toEqual({ maxPerHour: 1_000, maxPerDay: 50_000 });
  });

  it('names every problem at once', () => {
    const settings = {
      host: 'no host',
      port: 0,
      caption: 'two\nlines',
      priority: -1,
      weight: 1_001,
      maxPerSecond: 0,
      maxPerDay: 1.5,
      senderDomains: ['@shop.example'],
      maxRecipientsPerMessage: 0,
      sendFrom: 'nobody',
      username: 'bob',
      maxConnections: 0,
      caPem: 'none',
      directory: '/var/pickup',
    };
    expect(problemsOf(settings).map(problem => problem.field)).toEqual([
      'directory',
      'maxPerSecond',
      'maxPerDay',
      'senderDomains',
      'sendFrom',
      'caption',
      'priority',
      'weight',
      'maxRecipientsPerMessage',
      'host',
      'port',
      'password',
      'maxConnections',
      'caPem',
    ]);
    expect(problemsOf({})).toEqual([{ field: 'host', message: 'is missing' }]);
  });

  it('allows clear text only to the hosts that the configuration lists', () => {
    expect(problemsOf({ host: '127.0.0.1', encryption: 'none' })).toEqual([]);
    const [problem] = problemsOf({ host: 'mail.example', encryption: 'none' });
    expect(problem?.field).toBe('encryption');
    expect(problem?.message).toContain('list it in allowClearText');
  });

  it('keeps what a change does not name, the password and the certificate too', () => {
    const { id: _i, createdAt: _c, updatedAt: _u, sealedPassword: _s, ...kept } = { ...OLD, priority: 7 };
    expect(draft({ priority: 7 }, OLD)).toEqual({ provider: kept, password: undefined });
    expect(draft({ caPem: null, caption: null }, OLD).provider).not.toHaveProperty('caPem');
    expect(draft({ caption: '' }, OLD).provider.caption).toBeNull();
  });

  it('wants user name and password together', () => {
    expect(problemsOf({ username: '' }, OLD).map(problem => problem.field)).toEqual(['password']);
    expect(problemsOf({ username: '', password: '' }, OLD)).toEqual([]);
    expect(problemsOf({ username: 'alice' }, OLD)).toEqual([]);
    expect(problemsOf({ host: 'mail.example', password: 'x' }).map(problem => problem.field)).toEqual([
      'password',
    ]);
    expect(problemsOf({ host: 'mail.example', username: 'bob', password: 'a\r\nb' })).toEqual([
      { field: 'password', message: 'must not hold control characters' },
    ]);
  });

  it('never says a password', () => {
    const problems = problemsOf({ host: 'mail.example', password: 'canary\n', port: -1 });
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  it('takes a pickup directory by its absolute path', () => {
    expect(draft({ kind: 'pickup', directory: '/var/pickup' }).provider).toMatchObject({
      kind: 'pickup',
      directory: '/var/pickup',
    });
    expect(problemsOf({ kind: 'pickup', directory: 'pickup' })).toHaveLength(1);
    expect(problemsOf({ kind: 'pickup' })).toHaveLength(1);
    expect(problemsOf({ kind: 'pickup', directory: '/p', host: 'x' }).map(problem => problem.field)).toEqual([
      'host',
    ]);
  });

  it('never changes the kind, and makes an inbox in development mode only', () => {
    expect(problemsOf({ kind: 'pickup', directory: '/p' }, OLD).map(problem => problem.field)).toContain(
      'kind',
    );
    expect(problemsOf({ kind: 'capture' }).map(problem => problem.field)).toEqual(['kind']);
    expect(problemsOf({ kind: 'capture' }, undefined, { ...RULES, development: true })).toEqual([]);
  });
});
