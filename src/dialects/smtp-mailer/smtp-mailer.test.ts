import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeDialect, mutated } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { readMessage } from './read-message.ts';
import { readLogin, readServer } from './server-settings.ts';
import { KNOWN, smtpMailerCases } from './smtp-mailer.cases.ts';
import { smtpMailer } from './smtp-mailer.ts';

describeDialect(smtpMailer(findServer), smtpMailerCases, {});

function findServer(domain: string) {
  return domain === 'known.test' ? KNOWN : undefined;
}

describe('the SMTP Mailer dialect', () => {
  test('throws only AppError for any body', () => {
    const bodies = smtpMailerCases.map(({ request }) => Buffer.from(request.body ?? ''));
    fc.assert(
      fc.property(mutated(bodies), body => {
        expectAppErrorAtMost(() => readMessage(body));
      }),
      { numRuns: 1_000 },
    );
  });

  test('throws only AppError for any headers', () => {
    const names = fc.constantFrom(
      'server',
      'port',
      'secure',
      'x-smtp-server',
      'x-smtp-port',
      'email',
      'authorization',
    );
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('true', '587', 'b.c', 'x@y.z'),
    );
    fc.assert(
      fc.property(fc.dictionary(names, value), headers => {
        expectAppErrorAtMost(() => readServer(headers, readLogin({ password: 'x', ...headers }), findServer));
      }),
      { numRuns: 1_000 },
    );
  });
});

function expectAppErrorAtMost(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
  }
}
