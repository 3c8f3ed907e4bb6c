import { describe, expect, test } from 'vitest';
import type { Address } from '../core/address.ts';
import { parseCommand } from './parse-command.ts';
import { wireText } from './smtp-reply.ts';
import {
  hasTriedEnough,
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

/** Says lines to a session in which every question is granted, but for words that are in `refused`. */
function talk(lines: readonly string[], offer: Offer = OFFER, refused: readonly string[] = []) {
  let session: SmtpSession = NEW_SESSION;
  const replies: string[] = [];
  const asked: unknown[] = [];
  for (const line of lines) {
    const next =
      session.exchange === undefined
        ? step(session, parseCommand(line), offer)
        : stepExchange(session, session.exchange, line);
    if ('ask' in next) asked.push(next.ask);
    if ('ask' in next && refused.includes(next.ask.kind)) {
      session = next.refused;
      replies.push('refused');
      continue;
    }
    const settled = 'ask' in next ? next.granted : next;
    session = settled.session;
    replies.push(wireText(settled.reply).trimEnd());
  }
  return { session, replies, asked, last: replies.at(-1) ?? '' };
}

const IN = ['EHLO client.test', `AUTH PLAIN ${GOOD}`];
const MAIL = [...IN, 'MAIL FROM:<from@sender.test>'];

describe('what is offered', () => {
  test('EHLO is answered with exactly the extensions there are', () => {
    expect(talk(['EHLO client.test']).last.split('\r\n')).toEqual([
      '250-gate.test',
      '250-SIZE 33554432',
      '250-8BITMIME',
      '250-SMTPUTF8',
      '250-PIPELINING',
      '250-ENHANCEDSTATUSCODES',
      '250 AUTH PLAIN LOGIN',
    ]);
  });

  test('with a certificate STARTTLS is offered, and AUTH only behind it', () => {
    const before = talk(['EHLO client.test'], { ...OFFER, starttls: true, auth: false }).last;
    expect(before).toMatch(/\r\n250 STARTTLS$/);
    expect(before).not.toContain('AUTH');
    expect(talk(['EHLO client.test'], OFFER).last).not.toContain('STARTTLS');
  });

  test('HELO offers nothing', () => {
    expect(talk(['HELO client.test']).last).toBe('250 gate.test');
  });

  test('STARTTLS that was not offered is refused, and so is one within a transaction', () => {
    expect(talk(['EHLO c', 'STARTTLS']).last).toMatch(/^502 5\.5\.1 /);
    expect(talk([...MAIL, 'STARTTLS'], { ...OFFER, starttls: true }).last).toMatch(/^503 5\.5\.1 /);
  });

  test('behind STARTTLS everything said before is forgotten', () => {
    const { session, last } = talk([...IN, 'STARTTLS'], { ...OFFER, starttls: true });
    expect(last).toMatch(/^220 2\.0\.0 /);
    expect(session).toEqual(NEW_SESSION);
  });
});

describe('AUTH', () => {
  const offered = { user: 'user', password: 'right', kind: 'log-in' };

  test.each([
    ['PLAIN with the initial response', [`AUTH PLAIN ${GOOD}`]],
    ['PLAIN without', ['AUTH PLAIN', GOOD]],
    ['PLAIN of who acts for himself', [`AUTH PLAIN ${Buffer.from('user\0user\0right').toString('base64')}`]],
    ['LOGIN', ['AUTH LOGIN', 'dXNlcg==', 'cmlnaHQ=']],
    ['LOGIN with the user name at once', ['AUTH LOGIN dXNlcg==', 'cmlnaHQ=']],
  ])('%s', (_, lines) => {
    const { last, asked, session } = talk(['EHLO c', ...lines]);
    expect(last).toMatch(/^235 2\.7\.0 /);
    expect(asked).toEqual([offered]);
    expect(session.isLoggedIn).toBe(true);
  });

  test('PLAIN asks with an empty challenge, LOGIN for user name and password', () => {
    expect(talk(['EHLO c', 'AUTH PLAIN']).last).toBe('334');
    const { replies } = talk(['EHLO c', 'AUTH LOGIN', 'dXNlcg==']);
    expect(replies.slice(1)).toEqual(['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6']);
  });

  test.each([
    ['cancelled', ['AUTH LOGIN', '*'], '501 5.7.0'],
    ['no base64', ['AUTH PLAIN', '!'], '501 5.5.2'],
    ['base64 cut short', ['AUTH PLAIN AGE'], '501 5.5.2'],
    ['no UTF-8', [`AUTH PLAIN ${Buffer.from([0, 255, 0, 255]).toString('base64')}`], '501 5.5.2'],
    ['two parts', [`AUTH PLAIN ${Buffer.from('a\0b').toString('base64')}`], '501 5.5.2'],
    ['for another', [`AUTH PLAIN ${Buffer.from('x\0a\0b').toString('base64')}`], '501 5.5.2'],
    ['a mechanism we do not have', ['AUTH CRAM-MD5'], '504 5.5.4'],
  ])('%s: refused, and nothing is under way', (_, lines, start) => {
    const { last, asked, session } = talk(['EHLO c', ...lines]);
    expect(last.startsWith(`${start} `), last).toBe(true);
    expect(asked).toEqual([]);
    expect(session).toMatchObject({ exchange: undefined, isLoggedIn: false, failedTries: 0 });
  });

  test('twice, before EHLO or behind HELO is out of order', () => {
    expect(talk([...IN, `AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
    expect(talk([`AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
    expect(talk(['HELO c', `AUTH PLAIN ${GOOD}`]).last).toMatch(/^503 5\.5\.1 /);
  });

  test('without TLS is refused where it is needed, with no look at the credential', () => {
    const starttls = { ...OFFER, starttls: true, auth: false };
    expect(talk(IN, starttls).last).toMatch(/^530 5\.7\.0 Must issue a STARTTLS command first$/);
    expect(talk(IN, { ...OFFER, auth: false }).last).toMatch(/^538 5\.7\.11 /);
    expect(talk(IN, starttls).asked).toEqual([]);
  });

  test('failures are counted, and enough is enough', () => {
    const tries = Array.from({ length: 5 }, () => `AUTH PLAIN ${GOOD}`);
    const { session } = talk(['EHLO c', ...tries.slice(1)], OFFER, ['log-in']);
    expect(hasTriedEnough(session, OFFER)).toBe(false);
    expect(hasTriedEnough(talk(['EHLO c', ...tries], OFFER, ['log-in']).session, OFFER)).toBe(true);
  });
});

describe('the envelope', () => {
  test('goes MAIL, RCPT, DATA', () => {
    const { replies, session, asked } = talk([...MAIL, 'RCPT TO:<a@rcpt.test>', 'DATA']);
    expect(replies.slice(2).map(reply => reply.slice(0, 9))).toEqual(['250 2.1.0', '250 2.1.5', '354 End w']);
    expect(session.transaction).toEqual({
      sender: 'from@sender.test',
      smtputf8: false,
      recipients: ['a@rcpt.test'],
    });
    expect(asked.slice(1)).toEqual([
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
    ['a declared size over the limit', [...IN, 'MAIL FROM:<a@b.test> SIZE=33554433'], '552 5.3.4'],
    ['a recipient beyond ASCII without SMTPUTF8', [...MAIL, 'RCPT TO:<ü@b.test>'], '553 5.6.7'],
    ['a name to be verified', [...IN, 'VRFY ada'], '252 2.0.0'],
    ['a call for help', ['HELP'], '214 2.0.0'],
    ['NOOP at any time', ['NOOP'], '250 2.0.0'],
  ])('%s', (_, lines, start) => {
    const { last } = talk(lines);
    expect(last.startsWith(`${start} `), last).toBe(true);
  });

  test('a size at the limit and a recipient beyond ASCII with SMTPUTF8 are taken', () => {
    const lines = [...IN, 'MAIL FROM:<ä@b.test> SMTPUTF8 SIZE=33554432', 'RCPT TO:<ü@b.test>'];
    expect(talk(lines).session.transaction).toEqual({
      sender: 'ä@b.test',
      smtputf8: true,
      recipients: ['ü@b.test'],
    });
  });

  test('a recipient named twice is one; more than are allowed are for another transaction', () => {
    const rcpts = ['a', 'a', 'b', 'c', 'd', 'c'].map(name => `RCPT TO:<${name}@rcpt.test>`);
    const { replies, session } = talk([...MAIL, ...rcpts]);
    expect(replies.slice(3).map(reply => reply.slice(0, 9))).toEqual([
      ...['250 2.1.5', '250 2.1.5', '250 2.1.5', '250 2.1.5', '452 4.5.3', '250 2.1.5'],
    ]);
    expect(session.transaction?.recipients).toEqual(
      ['a', 'b', 'c'].map(name => `${name}@rcpt.test` as Address),
    );
  });

  test('what is refused leaves the transaction as it was', () => {
    const lines = [...MAIL, 'RCPT TO:<a@rcpt.test>'];
    expect(talk(lines, OFFER, ['recipient']).session.transaction?.recipients).toEqual([]);
    expect(talk(lines, OFFER, ['sender']).session.transaction).toBeUndefined();
  });

  test.each(['RSET', 'EHLO again.test', 'HELO again.test'])(
    '%s ends the transaction, not the login',
    line => {
      const { session } = talk([...MAIL, 'RCPT TO:<a@rcpt.test>', line]);
      expect(session).toMatchObject({ transaction: undefined, isLoggedIn: true });
    },
  );

  test('QUIT says goodbye and closes', () => {
    expect(step(NEW_SESSION, parseCommand('QUIT'), OFFER)).toMatchObject({
      reply: { code: 221 },
      next: 'close',
    });
  });
});
