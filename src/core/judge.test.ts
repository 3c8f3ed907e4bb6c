import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Outcome, Phase, Reply, Transmission } from './outcome.ts';

const ok: Reply = { code: 250, enhanced: '2.0.0', text: 'ok' };
const reply = (code: number, enhanced?: string): Reply => ({
  code,
  ...(enhanced && { enhanced }),
  text: 'words',
});

/** One recipient, accepted at RCPT when the transmission got that far. */
function single(
  phase: Phase,
  rest: Partial<Transmission> = {},
): [Outcome['kind'], string | undefined, string] {
  const recipients = ['data', 'body', 'dot', 'done'].includes(phase) ? [ok] : [];
  const { outcomes, sign } = judge({ phase, recipients, ...rest }, 1);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('no outcome');
  const detail =
    outcome.kind === 'retry'
      ? outcome.where
      : outcome.kind === 'reject'
        ? `${outcome.by} ${outcome.elsewhere}`
        : undefined;
  return [outcome.kind, detail, sign];
}

describe('a transmission with one recipient is judged by its stage first, then by the code', () => {
  test.each<[string, ReturnType<typeof single>, ReturnType<typeof single>]>([
    ['DNS fails', single('dns', { error: 'no such host' }), ['retry', 'elsewhere', 'trouble']],
    ['no connection', single('connect', { error: 'refused' }), ['retry', 'elsewhere', 'trouble']],
    [
      'a 5xx greeting is no bounce',
      single('greeting', { reply: reply(554) }),
      ['retry', 'elsewhere', 'trouble'],
    ],
    ['TLS fails', single('tls', { error: 'certificate' }), ['retry', 'elsewhere', 'trouble']],
    ['EHLO refused', single('ehlo', { reply: reply(502) }), ['retry', 'elsewhere', 'trouble']],
    ['AUTH 535', single('auth', { reply: reply(535, '5.7.8') }), ['retry', 'elsewhere', 'bad-credentials']],
    ['AUTH 454', single('auth', { reply: reply(454) }), ['retry', 'elsewhere', 'trouble']],
    ['MAIL 451', single('mail', { reply: reply(451) }), ['retry', 'later', 'good']],
    ['MAIL 550', single('mail', { reply: reply(550) }), ['reject', 'far-end false', 'good']],
    ['MAIL 553 5.7.1', single('mail', { reply: reply(553, '5.7.1') }), ['reject', 'far-end true', 'good']],
    ['MAIL 421', single('mail', { reply: reply(421) }), ['retry', 'elsewhere', 'closing']],
    ['lost at MAIL', single('mail', { error: 'lost' }), ['retry', 'elsewhere', 'none']],
    ['DATA 451', single('data', { reply: reply(451) }), ['retry', 'later', 'good']],
    ['DATA 554', single('data', { reply: reply(554) }), ['reject', 'far-end false', 'good']],
    ['lost in the body', single('body', { error: 'lost' }), ['retry', 'elsewhere', 'none']],
    ['refused in the body', single('body', { reply: reply(552) }), ['reject', 'far-end false', 'good']],
    ['no reply to the dot', single('dot', { error: 'time-out' }), ['unknown', undefined, 'none']],
    ['250 to the dot', single('done', { reply: ok }), ['delivered', undefined, 'good']],
    ['450 to the dot', single('done', { reply: reply(450) }), ['retry', 'later', 'good']],
    ['550 to the dot', single('done', { reply: reply(550) }), ['reject', 'far-end false', 'good']],
    ['421 to the dot', single('done', { reply: reply(421) }), ['retry', 'elsewhere', 'closing']],
    ['we refuse: no 8BITMIME', single('mail', { refusal: '5.6.3' }), ['reject', 'us true', 'good']],
  ])('%s', (_name, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});

describe('several recipients', () => {
  test('each has the outcome of its own RCPT, the accepted ones that of the dot', () => {
    const recipients = [ok, reply(550, '5.1.1'), reply(450), ok];
    const { outcomes } = judge({ phase: 'done', reply: ok, recipients }, 4);
    expect(outcomes.map(outcome => outcome.kind)).toEqual(['delivered', 'reject', 'retry', 'delivered']);
  });

  test('452 after some were taken is "too many recipients": the rest follow at once', () => {
    const { outcomes } = judge({ phase: 'done', reply: ok, recipients: [ok, reply(452)] }, 2);
    expect(outcomes[1]).toMatchObject({ kind: 'retry', where: 'at-once' });
  });

  test('452 to the first is an ordinary refusal for now', () => {
    const { outcomes } = judge({ phase: 'rcpt', reply: reply(452), recipients: [reply(452)] }, 1);
    expect(outcomes[0]).toMatchObject({ kind: 'retry', where: 'later' });
  });

  test('a refused one stays refused when the reply to the dot never comes', () => {
    const { outcomes } = judge({ phase: 'dot', error: 'lost', recipients: [reply(550), ok] }, 2);
    expect(outcomes.map(outcome => outcome.kind)).toEqual(['reject', 'unknown']);
  });
});
