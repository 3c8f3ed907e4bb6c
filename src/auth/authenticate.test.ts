import { describe, expect, it } from 'vitest';
import { newAccount, type Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import { createAuthenticate } from './authenticate.ts';
import { createBackoff } from './backoff.ts';
import { createAttempts } from './failed-logins.ts';
import type { Keyring } from './keyring.ts';

const PRINCIPAL: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  scopes: ['send'],
  by: 1,
};

/** A keyring in which just one key is good. */
const KEYRING: Pick<Keyring, 'authenticate'> = {
  authenticate: async ({ key }) => (key === 'good' ? PRINCIPAL : undefined),
};

function setUp(sparesLoopback = false) {
  const clock = { now: 0 };
  const backoff = createBackoff({ freeFailures: 3 });
  const authenticate = createAuthenticate({
    keyring: KEYRING,
    attempts: createAttempts({ backoff, sparesLoopback, now: () => clock.now }),
  });
  const outcome = (key: string, address: string) =>
    authenticate({ key }, address).catch(error => {
      if (!(error instanceof AppError)) throw error;
      return `${error.code} ${error.details.retryAfterSeconds}`;
    });
  return { clock, outcome };
}

describe('authenticate', () => {
  it('tells an address to wait after too many wrong keys, and how long', async () => {
    const { clock, outcome } = setUp();
    for (let i = 0; i < 3; i++) expect(await outcome('bad', '192.0.2.1')).toBeUndefined();
    expect(await outcome('bad', '192.0.2.1')).toBe('rate_limited 1');
    expect(await outcome('bad', '192.0.2.2')).toBeUndefined();
    clock.now = 1000;
    expect(await outcome('bad', '192.0.2.1')).toBe('rate_limited 2');
  });

  it('always lets a good key in, also from an address that has to wait', async () => {
    const { outcome } = setUp();
    for (let i = 0; i < 5; i++) await outcome('bad', '192.0.2.1');
    expect(await outcome('good', '192.0.2.1')).toBe(PRINCIPAL);
  });

  it('counts failures of one key from many addresses', async () => {
    const { outcome } = setUp();
    const key = `pk_7_${'a'.repeat(27)}`;
    for (let i = 0; i < 3; i++) expect(await outcome(key, `192.0.2.${i}`)).toBeUndefined();
    expect(await outcome(key, '192.0.2.9')).toBe('rate_limited 1');
  });

  it('counts together with the passwords and tokens that other ways in take', async () => {
    const clock = { backoff: createBackoff({ freeFailures: 3 }), sparesLoopback: false, now: () => 0 };
    const attempts = createAttempts(clock);
    const authenticate = createAuthenticate({ attempts, keyring: KEYRING });
    for (let i = 0; i < 3; i++) attempts.noteWrong('192.0.2.1');
    await expect(authenticate({ key: 'bad' }, '192.0.2.1')).rejects.toMatchObject({ code: 'rate_limited' });
    expect(() => attempts.assertFree('192.0.2.1')).toThrow(AppError);
    expect(await authenticate({ key: 'good' }, '192.0.2.1')).toBe(PRINCIPAL);
  });

  it('does not count the good key of a disabled account as a wrong one', async () => {
    const refuse = async () => {
      throw new AppError('account_inactive', 'The account is disabled.');
    };
    const clock = { backoff: createBackoff({ freeFailures: 0 }), sparesLoopback: false, now: () => 0 };
    const attempts = createAttempts(clock);
    const authenticate = createAuthenticate({ attempts, keyring: { authenticate: refuse } });
    for (let i = 0; i < 3; i++) {
      await expect(authenticate({ key: 'x' }, '192.0.2.1')).rejects.toMatchObject({
        code: 'account_inactive',
      });
    }
    expect(await createAuthenticate({ attempts, keyring: KEYRING })({ key: 'good' }, '192.0.2.1')).toBe(
      PRINCIPAL,
    );
    expect(() => attempts.assertFree('192.0.2.1')).not.toThrow();
  });

  it('spares loopback where it is told to', async () => {
    for (const [spares, last] of [
      [true, undefined],
      [false, 'rate_limited 1'],
    ] as const) {
      const { outcome } = setUp(spares);
      for (let i = 0; i < 3; i++) await outcome('bad', '::ffff:127.0.0.1');
      expect(await outcome('bad', '127.0.0.1')).toBe(last);
    }
  });
});
