import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rigOpener } from '../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../test/helpers/stores/store-sqlite.ts';
import { newAccount } from '../core/account.ts';
import { hashOfKeyText, newKeyText, OPERATOR_KEY_ID } from './key-text.ts';
import { createKeyring } from './keyring.ts';
import { createSessions } from './sessions.ts';

const openRig = rigOpener(createSqliteHarness);
const HOUR_MS = 3_600_000;

async function setUp({ development = true } = {}) {
  const { registry } = (await openRig()).store;
  const clock = { now: 1_000 };
  await registry.add('account', 'default', id =>
    newAccount({ id, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  );
  const operatorToken = newKeyText(OPERATOR_KEY_ID, randomBytes);
  const keyring = createKeyring({ registry, operatorToken, operatorAccount: 'default' });
  onTestFinished(() => keyring.close());
  const open = (isDevelopment: boolean) => {
    const sessions = createSessions({
      ...{ registry, keyring, account: 'default', random: randomBytes, now: () => clock.now },
      development: isDevelopment,
    });
    onTestFinished(() => sessions.close());
    return sessions;
  };
  return { registry, clock, operatorToken, sessions: open(development), open };
}

const reading = (token: string) => ({ token, isReading: true });

describe('createSessions', () => {
  it('ends a session after twelve hours, and deletes it at the next sign-in', async () => {
    const { sessions, clock, registry } = await setUp();
    const { token, session } = await sessions.begin({ kind: 'development' });
    expect(session.expiresAt - session.createdAt).toBe(12 * HOUR_MS);
    clock.now += 12 * HOUR_MS - 1;
    expect(await sessions.authenticate(reading(token))).toMatchObject({ by: 'development' });
    clock.now += 1;
    expect(await sessions.authenticate(reading(token))).toBeUndefined();
    await sessions.begin({ kind: 'development' });
    expect(await registry.list('session')).toHaveLength(1);
  });

  it('finds no session for a wrong token', async () => {
    const { sessions } = await setUp();
    const { token } = await sessions.begin({ kind: 'development' });
    const wrong = token.slice(0, -1) + (token.endsWith('a') ? 'b' : 'a');
    for (const text of [
      '',
      'ps_1',
      wrong,
      token.replace('ps_1_', 'ps_2_'),
      `${token} `,
      'x'.repeat(10_000),
    ]) {
      expect(await sessions.find(text)).toBeUndefined();
    }
  });

  it('stores neither the token nor the CSRF token', async () => {
    const { sessions, registry } = await setUp();
    const { token, session } = await sessions.begin({ kind: 'development' });
    const stored = JSON.stringify(await registry.list('session'));
    expect([stored.includes(token), stored.includes(session.csrf)]).toEqual([false, false]);
  });

  it('refuses the session of a key if another key has its id', async () => {
    const { sessions, operatorToken } = await setUp();
    const holder = { kind: 'key', id: OPERATOR_KEY_ID } as const;
    const { session } = await sessions.begin({ ...holder, hash: hashOfKeyText(operatorToken) });
    expect(session).toMatchObject({ name: 'operator', role: 'admin' });
    await expect(sessions.begin({ ...holder, hash: hashOfKeyText('another') })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('refuses the sessions of development mode when that mode is off', async () => {
    const { sessions, open } = await setUp();
    const { token } = await sessions.begin({ kind: 'development' });
    expect(await open(false).find(token)).toBeUndefined();
  });

  it('finds a new session of another process at the first request', async () => {
    const { sessions, open } = await setUp();
    const other = open(true);
    expect(await other.find((await sessions.begin({ kind: 'development' })).token)).toBeDefined();
    expect(await other.find((await sessions.begin({ kind: 'development' })).token)).toBeDefined();
  });

  it('lets an administrator of a disabled account read and manage, but not send', async () => {
    const { sessions, registry } = await setUp();
    const { token } = await sessions.begin({ kind: 'development' });
    await registry.change('account', 1, account => ({ ...account, isEnabled: false }));
    const principal = await sessions.authenticate(reading(token));
    expect(principal?.scopes).toEqual(['read', 'manage']);
  });
});
