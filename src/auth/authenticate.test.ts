import { describe, expect, it } from 'vitest';
import { newAccount, type Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import { createAuthenticate } from './authenticate.ts';
import { createBackoff } from './backoff.ts';
import type { Keyring } from './keyring.ts';
import { createLoginLimiter } from './login-limiter.ts';

const PRINCIPAL: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  scopes: ['send'],
  by: 1,
};

/** A keyring with one valid key: `good`. */
const KEYRING: Pick<Keyring, 'authenticate'> = {
  authenticate: async ({ key }) => (key === 'good' ? PRINCIPAL : undefined),
};

function setUp(exemptsLoopback = false) {
  const clock = { now: 0 };
  const backoff = createBackoff({ freeFailures: 3 });
  const authenticate = createAuthenticate({
    keyring: KEYRING,
    loginLimiter: createLoginLimiter({ backoff, exemptsLoopback, now: () => clock.now }),
  });
  const outcome = (key: string, address: string) =>
    authenticate({ key }, address).catch(error => {
      if (!(error instanceof AppError)) throw error;
      return `${error.code} ${error.details.retryAfterSeconds}`;
    });
  return { clock, outcome };
}

describe('authenticate', () => {
  it('throws rate_limited after too many wrong keys from one address, with the seconds to wait', async () => {
    const { clock, outcome } = setUp();
    for (let i = 0; i < 3; i++) expect(await outcome('bad', '192.0.2.1')).toBeUndefined();
    expect(await outcome('bad', '192.0.2.1')).toBe('rate_limited 1');
    expect(await outcome('bad', '192.0.2.2')).toBeUndefined();
    clock.now = 1000;
    expect(await outcome('bad', '192.0.2.1')).toBe('rate_limited 2');
  });

  it('accepts a valid key from an address that must wait', async () => {
    const { outcome } = setUp();
    for (let i = 0; i < 5; i++) await outcome('bad', '192.0.2.1');
    expect(await outcome('good', '192.0.2.1')).toBe(PRINCIPAL);
  });

  it('counts the failures of one key over all addresses', async () => {
    const { outcome } = setUp();
    const key = `pk_7_${'a'.repeat(27)}`;
    for (let i = 0; i < 3; i++) expect(await outcome(key, `192.0.2.${i}`)).toBeUndefined();
    expect(await outcome(key, '192.0.2.9')).toBe('rate_limited 1');
  });

  it('shares its count with the logins by password and token', async () => {
    const context = { backoff: createBackoff({ freeFailures: 3 }), exemptsLoopback: false, now: () => 0 };
    const loginLimiter = createLoginLimiter(context);
    const authenticate = createAuthenticate({ loginLimiter, keyring: KEYRING });
    for (let i = 0; i < 3; i++) loginLimiter.recordFailure('192.0.2.1');
    await expect(authenticate({ key: 'bad' }, '192.0.2.1')).rejects.toMatchObject({ code: 'rate_limited' });
    expect(() => loginLimiter.assertAllowed('192.0.2.1')).toThrow(AppError);
    expect(await authenticate({ key: 'good' }, '192.0.2.1')).toBe(PRINCIPAL);
  });

  it('does not count the valid key of a disabled account as a failure', async () => {
    const refuse = async () => {
      throw new AppError('account_inactive', 'The account is disabled.');
    };
    const context = { backoff: createBackoff({ freeFailures: 0 }), exemptsLoopback: false, now: () => 0 };
    const loginLimiter = createLoginLimiter(context);
    const authenticate = createAuthenticate({ loginLimiter, keyring: { authenticate: refuse } });
    for (let i = 0; i < 3; i++) {
      await expect(authenticate({ key: 'x' }, '192.0.2.1')).rejects.toMatchObject({
        code: 'account_inactive',
      });
    }
    expect(await createAuthenticate({ loginLimiter, keyring: KEYRING })({ key: 'good' }, '192.0.2.1')).toBe(
      PRINCIPAL,
    );
    expect(() => loginLimiter.assertAllowed('192.0.2.1')).not.toThrow();
  });

  it('does not block loopback addresses if they are exempt', async () => {
    for (const [exempts, last] of [
      [true, undefined],
      [false, 'rate_limited 1'],
    ] as const) {
      const { outcome } = setUp(exempts);
      for (let i = 0; i < 3; i++) await outcome('bad', '::ffff:127.0.0.1');
      expect(await outcome('bad', '127.0.0.1')).toBe(last);
    }
  });
});
