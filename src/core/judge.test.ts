import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Outcome, Phase, Reply, Transmission } from './outcome.ts';

const ok: Reply = { code: 250, enhanced: '2.0.0', text: 'ok' };
const reply = (code: number, enhanced?: string): Reply => ({
  code,
  ...(enhanced && { enhanced }),
  text: 'words',
});

/** Judges a transmission with one recipient, which was accepted at RCPT if the transmission reached DATA. */
function single(
  phase: Phase,
  rest: Partial<Transmission> = {},
): [Outcome['kind'], string | undefined, string] {
  const recipients = ['data', 'body', 'dot', 'done'].includes(phase) ? [ok] : [];
  const { outcomes, signal } = judge({ phase, recipients, ...rest }, 1);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('no outcome');
  const detail =
    outcome.kind === 'retry'
      ? outcome.where
      : outcome.kind === 'reject'
        ? `${outcome.by} ${outcome.elsewhere}`
        : undefined;
  return [outcome.kind, detail, signal];
}

describe('judge uses the phase first and then the reply code', () => {
  test.each<[string, ReturnType<typeof single>, ReturnType<typeof single>]>([
    ['DNS fails', single('dns', { error: 'no such host' }), ['retry', 'elsewhere', 'trouble']],
    ['no connection', single('connect', { error: 'refused' }), ['retry', 'elsewhere', 'trouble']],
    [
      'a 5xx greeting is not a bounce',
      single('greeting', { reply: reply(554) }),
      ['retry', 'elsewhere', 'trouble'],
    ],
    ['TLS fails', single('tls', { error: 'certificate' }), ['retry', 'elsewhere', 'trouble']],
    ['502 to EHLO', single('ehlo', { reply: reply(502) }), ['retry', 'elsewhere', 'trouble']],
    [
      '535 to AUTH',
      single('auth', { reply: reply(535, '5.7.8') }),
      ['retry', 'elsewhere', 'bad-credentials'],
    ],
    ['454 to AUTH', single('auth', { reply: reply(454) }), ['retry', 'elsewhere', 'trouble']],
    ['451 to MAIL', single('mail', { reply: reply(451) }), ['retry', 'later', 'good']],
    ['550 to MAIL', single('mail', { reply: reply(550) }), ['reject', 'far-end false', 'good']],
    ['553 5.7.1 to MAIL', single('mail', { reply: reply(553, '5.7.1') }), ['reject', 'far-end true', 'good']],
    ['421 to MAIL', single('mail', { reply: reply(421) }), ['retry', 'elsewhere', 'closing']],
    ['connection lost at MAIL', single('mail', { error: 'lost' }), ['retry', 'elsewhere', 'none']],
    ['451 to DATA', single('data', { reply: reply(451) }), ['retry', 'later', 'good']],
    ['554 to DATA', single('data', { reply: reply(554) }), ['reject', 'far-end false', 'good']],
    ['connection lost in the body', single('body', { error: 'lost' }), ['retry', 'elsewhere', 'none']],
    ['552 during the body', single('body', { reply: reply(552) }), ['reject', 'far-end false', 'good']],
    ['no reply to the dot', single('dot', { error: 'time-out' }), ['unknown', undefined, 'none']],
    ['250 to the dot', single('done', { reply: ok }), ['delivered', undefined, 'good']],
    ['450 to the dot', single('done', { reply: reply(450) }), ['retry', 'later', 'good']],
    ['550 to the dot', single('done', { reply: reply(550) }), ['reject', 'far-end false', 'good']],
    ['421 to the dot', single('done', { reply: reply(421) }), ['retry', 'elsewhere', 'closing']],
    ['the gate refuses: no 8BITMIME', single('mail', { refusal: '5.6.3' }), ['reject', 'us true', 'good']],
  ])('%s', (_name, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});

describe('judge, with several recipients', () => {
  test('gives each refused recipient the outcome of its RCPT, and the accepted ones that of the dot', () => {
    const recipients = [ok, reply(550, '5.1.1'), reply(450), ok];
    const { outcomes } = judge({ phase: 'done', reply: ok, recipients }, 4);
    expect(outcomes.map(outcome => outcome.kind)).toEqual(['delivered', 'reject', 'retry', 'delivered']);
  });

  test('reads 452 after accepted recipients as "too many recipients", so that the others follow at once', () => {
    const { outcomes } = judge({ phase: 'done', reply: ok, recipients: [ok, reply(452)] }, 2);
    expect(outcomes[1]).toMatchObject({ kind: 'retry', where: 'at-once' });
  });

  test('reads 452 to the first recipient as a temporary refusal', () => {
    const { outcomes } = judge({ phase: 'rcpt', reply: reply(452), recipients: [reply(452)] }, 1);
    expect(outcomes[0]).toMatchObject({ kind: 'retry', where: 'later' });
  });

  test('keeps a recipient refused when the reply to the dot is missing', () => {
    const { outcomes } = judge({ phase: 'dot', error: 'lost', recipients: [reply(550), ok] }, 2);
    expect(outcomes.map(outcome => outcome.kind)).toEqual(['reject', 'unknown']);
  });
});
