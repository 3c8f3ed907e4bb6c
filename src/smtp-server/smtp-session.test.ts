import { describe, expect, test } from 'vitest';
import type { Address } from '../core/address.ts';
import { parseCommand } from './parse-command.ts';
import { formatReply } from './smtp-reply.ts';
import {
  hasTooManyFailures,
  NEW_SESSION,
  type Offer,
  type SmtpSession,
  step,
  stepExchange,
} from './smtp-session.ts';

const OFFER: Offer = {
  hostName: 'gate.test',
  maxMessageBytes: 33_554_432,
  maxRecipients: 3,
  maxAuthTries: 5,
  starttls: false,
  auth: true,
};
const GOOD = Buffer.from('\0user\0right').toString('base64');

/** Sends lines to a session. Every check is granted, except the kinds in `refused`. */
function run(lines: readonly string[], offer: Offer = OFFER, refused: readonly string[] = []) {
  let session: SmtpSession = NEW_SESSION;
  const replies: string[] = [];
  const checks: unknown[] = [];
  for (const line of lines) {
    const next =
      session.exchange === undefined
        ? step(session, parseCommand(line), offer)
        : stepExchange(session, session.exchange, line);
    if ('check' in next) checks.push(next.check);
    if ('check' in next && refused.includes(next.check.kind)) {
      session = next.refused;
      replies.push('refused');
      continue;
    }
    const answer = 'check' in next ? next.granted : next;
    session = answer.session;
    replies.push(formatReply(answer.reply).trimEnd());
  }
  return { session, replies, checks, last: replies.at(-1) ?? '' };
}

const IN = ['EHLO client.test', `AUTH PLAIN ${GOOD}`];
const MAIL = [...IN, 'MAIL FROM:<from@sender.test>'];

describe('a session', () => {
  test('answers EHLO with exactly the extensions that are available', () => {
    expect(run(['EHLO client.test']).last.split('\r\n')).toEqual([
      '250-gate.test',
      '250-SIZE 33554432',
      '250-8BITMIME',
      '250-SMTPUTF8',
      '250-PIPELINING',
      '250-ENHANCEDSTATUSCODES',
      '250 AUTH PLAIN LOGIN',
    ]);
  });

  test('offers STARTTLS if there is a certificate, and then AUTH only after it', () => {
    const before = run(['EHLO client.test'], { ...OFFER, starttls: true, auth: false }).last;
    expect(before).toMatch(/\r\n250 STARTTLS$/);
    expect(before).not.toContain('AUTH');
    expect(run(['EHLO client.test'], OFFER).last).not.toContain('STARTTLS');
  });

  test('offers no extensions after HELO', () => {
    expect(run(['HELO client.test']).last).toBe('250 gate.test');
  });

  test('refuses STARTTLS that was not offered, and STARTTLS within a transaction', () => {
    expect(run(['EHLO c', 'STARTTLS']).last).toMatch(/^502 5\.5\.1 /);
    expect(run([...MAIL, 'STARTTLS'], { ...OFFER, starttls: true }).last).toMatch(/^503 5\.5\.1 /);
  });

  test('starts from the beginning after STARTTLS', () => {
    const { session, last } = run([...IN, 'STARTTLS'], { ...OFFER, starttls: true });
    expect(last).toMatch(/^220 2\.0\.0 /);
    expect(session).toEqual(NEW_SESSION);
  });
});

describe('AUTH', () => {
  const check = { user: 'user', password: 'right', kind: 'log-in' };

  test.each([
    ['PLAIN with the initial response', [`AUTH PLAIN ${GOOD}`]],
    ['PLAIN without the initial response', ['AUTH PLAIN', GOOD]],
    [
      'PLAIN with the user as authorization identity',
      [`AUTH PLAIN ${Buffer.from('user\0user\0right').toString('base64')}`],
    ],
    ['LOGIN', ['AUTH LOGIN', 'dXNlcg==', 'cmlnaHQ=']],
    ['LOGIN with the user name as initial response', ['AUTH LOGIN dXNlcg==', 'cmlnaHQ=']],
  ])('%s', (_, lines) => {
    const { last, checks, session } = run(['EHLO c', ...lines]);
    expect(last).toMatch(/^235 2\.7\.0 /);
    expect(checks).toEqual([check]);
    expect(session.isLoggedIn).toBe(true);
  });

  test('PLAIN sends an empty challenge, LOGIN asks for user name and password', () => {
    expect(run(['EHLO c', 'AUTH PLAIN']).last).toBe('334');
    const { replies } = run(['EHLO c', 'AUTH LOGIN', 'dXNlcg==']);
    expect(replies.slice(1)).toEqual(['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6']);
  });

  test.each([
    ['that is cancelled', ['AUTH LOGIN', '*'], '501 5.7.0'],
    ['that is not base64', ['AUTH PLAIN', '!'], '501 5.5.2'],
    ['with incomplete base64', ['AUTH PLAIN AGE'], '501 5.5.2'],
    ['that is not UTF-8', [`AUTH PLAIN ${Buffer.from([0, 255, 0, 255]).toString('base64')}`], '501 5.5.2'],
    ['with two parts', [`AUTH PLAIN ${Buffer.from('a\0b').toString('base64')}`], '501 5.5.2'],
    ['for another user', [`AUTH PLAIN ${Buffer.from('x\0a\0b').toString('base64')}`], '501 5.5.2'],
    ['with an unknown mechanism', ['AUTH CRAM-MD5'], '504 5.5.4'],
  ])('%s is refused, and the exchange ends', (_, lines, start) => {
    const { last, checks, session } = run(['EHLO c', ...lines]);
    expect(last.startsWith(`${start} `), last).toBe(true);
    expect(checks).toEqual([]);
    expect(session).toMatchObject({ exchange: undefined, isLoggedIn: false, failedTries: 0 });
  });

  test('a second time, before EHLO or after HELO is out of order', () => {
    expect(run([...IN, `AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
    expect(run([`AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
    expect(run(['HELO c', `AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
  });

  test('without TLS is refused where TLS is required, and the credential is not checked', () => {
    const starttls = { ...OFFER, starttls: true, auth: false };
    expect(run(IN, starttls).last).toMatch(/^530 5\.7\.0 Must issue a STARTTLS command first$/);
    expect(run(IN, { ...OFFER, auth: false }).last).toMatch(/^538 5\.7\.11 /);
    expect(run(IN, starttls).checks).toEqual([]);
  });

  test('failures are counted up to a limit', () => {
    const tries = Array.from({ length: 5 }, () => `AUTH PLAIN ${GOOD}`);
    const { session } = run(['EHLO c', ...tries.slice(1)], OFFER, ['log-in']);
    expect(hasTooManyFailures(session, OFFER)).toBe(false);
    expect(hasTooManyFailures(run(['EHLO c', ...tries], OFFER, ['log-in']).session, OFFER)).toBe(true);
  });
});

describe('the envelope', () => {
  test('has the order MAIL, RCPT, DATA', () => {
    const { replies, session, checks } = run([...MAIL, 'RCPT TO:<a@rcpt.test>', 'DATA']);
    expect(replies.slice(2).map(reply => reply.slice(0, 9))).toEqual(['250 2.1.0', '250 2.1.5', '354 End d']);
    expect(session.transaction).toEqual({
      sender: 'from@sender.test',
      smtputf8: false,
      recipients: ['a@rcpt.test'],
    });
    expect(checks.slice(1)).toEqual([
      { kind: 'sender', sender: 'from@sender.test' },
      { kind: 'recipient', recipient: 'a@rcpt.test', taken: 0 },
    ]);
  });

  test.each([
    ['MAIL before EHLO', ['MAIL FROM:<a@b.test>'], '503 5.5.1'],
    ['MAIL without AUTH', ['EHLO c', 'MAIL FROM:<a@b.test>'], '530 5.7.0'],
    ['RCPT without AUTH', ['EHLO c', 'RCPT TO:<a@b.test>'], '530 5.7.0'],
    ['DATA without AUTH', ['EHLO c', 'DATA'], '530 5.7.0'],
    ['a second MAIL', [...MAIL, 'MAIL FROM:<a@b.test>'], '503 5.5.1'],
    ['RCPT before MAIL', [...IN, 'RCPT TO:<a@b.test>'], '503 5.5.1'],
    ['DATA before MAIL', [...IN, 'DATA'], '503 5.5.1'],
    ['DATA before RCPT', [...MAIL, 'DATA'], '554 5.5.1'],
    ['MAIL with a declared size over the limit', [...IN, 'MAIL FROM:<a@b.test> SIZE=33554433'], '552 5.3.4'],
    ['a non-ASCII recipient without SMTPUTF8', [...MAIL, 'RCPT TO:<ü@b.test>'], '553 5.6.7'],
    ['VRFY', [...IN, 'VRFY ada'], '252 2.0.0'],
    ['HELP', ['HELP'], '214 2.0.0'],
    ['NOOP before EHLO', ['NOOP'], '250 2.0.0'],
  ])('%s is answered with its code', (_, lines, start) => {
    const { last } = run(lines);
    expect(last.startsWith(`${start} `), last).toBe(true);
  });

  test('a size at the limit, and a non-ASCII recipient with SMTPUTF8, are accepted', () => {
    const lines = [...IN, 'MAIL FROM:<ä@b.test> SMTPUTF8 SIZE=33554432', 'RCPT TO:<ü@b.test>'];
    expect(run(lines).session.transaction).toEqual({
      sender: 'ä@b.test',
      smtputf8: true,
      recipients: ['ü@b.test'],
    });
  });

  test('a repeated recipient counts once, and recipients over the limit get 452', () => {
    const rcpts = ['a', 'a', 'b', 'c', 'd', 'c'].map(name => `RCPT TO:<${name}@rcpt.test>`);
    const { replies, session } = run([...MAIL, ...rcpts]);
    expect(replies.slice(3).map(reply => reply.slice(0, 9))).toEqual([
      ...['250 2.1.5', '250 2.1.5', '250 2.1.5', '250 2.1.5', '452 4.5.3', '250 2.1.5'],
    ]);
    expect(session.transaction?.recipients).toEqual(
      ['a', 'b', 'c'].map(name => `${name}@rcpt.test` as Address),
    );
  });

  test('a refused check does not change the transaction', () => {
    const lines = [...MAIL, 'RCPT TO:<a@rcpt.test>'];
    expect(run(lines, OFFER, ['recipient']).session.transaction?.recipients).toEqual([]);
    expect(run(lines, OFFER, ['sender']).session.transaction).toBeUndefined();
  });

  test.each(['RSET', 'EHLO again.test', 'HELO again.test'])(
    '%s ends the transaction and keeps the login',
    line => {
      const { session } = run([...MAIL, 'RCPT TO:<a@rcpt.test>', line]);
      expect(session).toMatchObject({ transaction: undefined, isLoggedIn: true });
    },
  );

  test('QUIT is answered with 221 and closes the connection', () => {
    expect(step(NEW_SESSION, parseCommand('QUIT'), OFFER)).toMatchObject({
      reply: { code: 221 },
      next: 'close',
    });
  });
});
