import { describe, expect, test } from 'vitest';
import { GOOD_AUTH, hand, plain, startFront } from '../../test/helpers/mail-servers/smtp-front.ts';
import { scaled } from '../../test/helpers/programs/patience.ts';
import { AppError, type ErrorCode, type RefusalReason } from '../core/errors.ts';
import { TempMailError } from '../core/temp-mail-refusal.ts';

const MESSAGE = 'From: a@sender.test\r\nSubject: x\r\n\r\nhello\r\n';

describe('a message', () => {
  test('is submitted octet by octet with a trace field, and its id is in the reply', async () => {
    const { mails, enter } = await startFront();
    const client = await enter();
    const body = `${MESSAGE}.dot\r\n\r\n${'x'.repeat(998)}\r\nhalf a line: grün`;
    expect(await hand(client, `${body.replace('\r\n.', '\r\n..')}\r\n.\r\n`)).toBe(
      '250 2.0.0 Ok: queued as message-1',
    );
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ sender: 'from@sender.test', recipients: ['to@rcpt.test'] });
    expect(mails[0]?.mime.toString()).toBe(`${body}\r\n`);
    expect(mails[0]?.trace).toEqual([
      {
        name: 'Received',
        value:
          'from client.test ([127.0.0.1]) by gate.test (Postern) with ESMTPA; Sat, 21 Nov 2026 12:00:00 +0000',
      },
    ]);
  });

  test('can follow another on the same connection', async () => {
    const { mails, enter } = await startFront();
    const client = await enter();
    for (const number of [1, 2, 3]) {
      expect(await hand(client, `Subject: ${number}\r\n\r\n.\r\n`)).toBe(
        `250 2.0.0 Ok: queued as message-${number}`,
      );
    }
    expect(mails.map(({ mime }) => mime.toString())).toEqual([1, 2, 3].map(n => `Subject: ${n}\r\n\r\n`));
  });

  test('can arrive with all its commands in one piece, and each command gets its reply', async () => {
    const { mails, greet } = await startFront();
    const client = await greet();
    const group = ['EHLO c', GOOD_AUTH, 'MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'RCPT TO:<no>', 'DATA'];
    client.say(`${group.join('\r\n')}\r\n${MESSAGE}.\r\nRSET\r\nQUIT\r\n`);
    const replies: string[] = [];
    for (let i = 0; i < 9; i++) replies.push(await client.reply());
    expect(replies.map(reply => reply.slice(0, 3))).toEqual([
      ...['250', '235', '250', '250', '501', '354', '250', '250', '221'],
    ]);
    expect(mails).toHaveLength(1);
    expect(await client.reply()).toBe('closed');
  });

  test('is answered although the client has closed its side', async () => {
    const { mails, enter } = await startFront();
    const client = await enter();
    client.say(`MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n${MESSAGE}.\r\n`);
    client.finish();
    const replies = [];
    for (let i = 0; i < 4; i++) replies.push((await client.reply()).slice(0, 3));
    expect(replies).toEqual(['250', '250', '354', '250']);
    expect(mails).toHaveLength(1);
  });

  test('without its end is not submitted', async () => {
    const { mails, enter } = await startFront();
    const client = await enter();
    client.say(`MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n${MESSAGE}\r\n.\r`);
    client.finish();
    for (let i = 0; i < 3; i++) await client.reply();
    expect(await client.reply()).toBe('closed');
    expect(mails).toEqual([]);
  });

  test.each([
    ['bare LF', 'a\nb'],
    ['bare CR', 'a\rb'],
    ['NUL', 'a\0b'],
    ['LF dot LF', 'a\n.\nMAIL FROM:<evil@sender.test>'],
    ['LF dot CRLF', 'a\n.\r\nMAIL FROM:<evil@sender.test>'],
    ['CRLF dot LF', 'a\r\n.\nMAIL FROM:<evil@sender.test>'],
    ['CR dot CRLF', 'a\r.\r\nMAIL FROM:<evil@sender.test>'],
    ['CRLF dot CR', 'a\r\n.\rMAIL FROM:<evil@sender.test>'],
    ['CRLF NUL dot CRLF', 'a\r\n\0.\r\nMAIL FROM:<evil@sender.test>'],
  ])('with %s is refused as one message, and hidden commands are ignored', async (_, data) => {
    const { mails, enter } = await startFront();
    const client = await enter();
    expect(await hand(client, `${data}\r\n.\r\n`)).toMatch(/^550 5\.6\.11 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
    expect(mails).toEqual([]);
  });

  test('over the size limit is read to its end and refused, and one of exactly that size is accepted', async () => {
    const { mails, enter } = await startFront({ maxMessageBytes: 100_000 });
    const client = await enter();
    const line = `${'x'.repeat(98)}\r\n`;
    expect(await hand(client, `${line.repeat(1_001)}.\r\n`)).toMatch(/^552 5\.3\.4 /);
    expect(await hand(client, `${line.repeat(1_000)}.\r\n`)).toMatch(/^250 /);
    expect(mails.map(({ mime }) => mime.length)).toEqual([100_000]);
  });

  test('far over the size limit ends the connection', async () => {
    const { enter } = await startFront({ maxMessageBytes: 100_000 });
    const client = await enter();
    for (const command of ['MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA']) await client.ask(command);
    const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(1_000));
    for (let i = 0; i < 70; i++) client.say(block);
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /);
    await client.closed;
  });

  test('is refused with 452 while others use all memory, and is accepted after they end', async () => {
    const { enter } = await startFront({ maxHeldBytes: 150_000 });
    const [one, other] = [await enter(), await enter()];
    const line = `${'x'.repeat(98)}\r\n`;
    for (const command of ['MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA']) await one.ask(command);
    one.say(line.repeat(700));
    await expect.poll(() => hand(other, `${line.repeat(1_200)}.\r\n`)).toMatch(/^452 4\.3\.1 /);
    one.say('.\r\n');
    expect(await one.reply()).toMatch(/^250 /);
    expect(await hand(other, `${line.repeat(1_200)}.\r\n`)).toMatch(/^250 /);
  });
});

describe('a command line', () => {
  test.each([
    ['bare LF', 'NOOP\nNOOP'],
    ['bare CR', 'NOOP\rNOOP'],
    ['NUL', 'NOOP\0'],
    ['invalid UTF-8', Buffer.from([0x4e, 0xff])],
  ])('with %s is refused as one line', async (_, line) => {
    const { greet } = await startFront();
    const client = await greet();
    client.say(Buffer.concat([Buffer.from(line as string), Buffer.from('\r\n')]));
    expect(await client.reply()).toMatch(/^500 5\.5\.2 /);
    expect(await client.ask('QUIT')).toMatch(/^221 /);
  });

  test('that is too long is refused as one line', async () => {
    const { greet } = await startFront();
    const client = await greet();
    expect(await client.ask('x'.repeat(200_000))).toMatch(/^500 5\.5\.2 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
  });

  test('that is unknown is answered 30 times, then the connection ends', async () => {
    const { greet } = await startFront();
    const client = await greet();
    const replies = [];
    for (let i = 0; i < 32; i++) replies.push(await client.ask('WHAT'));
    expect(replies.filter(reply => reply.startsWith('500'))).toHaveLength(31);
    expect(replies.at(-1)).toMatch(/^421 4\.7\.0 /);
    await client.closed;
  });
});

describe('a wrong credential', () => {
  test('is refused at AUTH, and after five the connection ends', async () => {
    const { greet, logged } = await startFront();
    const client = await greet();
    await client.ask('EHLO c');
    const wrong = `AUTH PLAIN ${plain('user', 'wrong')}`;
    for (let i = 0; i < 4; i++) expect(await client.ask(wrong)).toBe('535 5.7.8 Wrong user name or password');
    expect(await client.ask(wrong)).toMatch(/^421 4\.7\.0 /);
    await client.closed;
    expect(logged).toHaveLength(5);
    expect(logged.join()).not.toContain('wrong"');
  });

  test('does not block the correct one', async () => {
    const { greet } = await startFront();
    const client = await greet();
    await client.ask('EHLO c');
    await client.ask(`AUTH PLAIN ${plain('user', 'wrong')}`);
    expect(await client.ask(GOOD_AUTH)).toMatch(/^235 2\.7\.0 /);
  });

  test('after too many from one client address gets 454', async () => {
    const { greet } = await startFront({
      logIn: async () => {
        throw new AppError('rate_limited', 'Too many wrong keys: wait before the next one.');
      },
    });
    const client = await greet();
    await client.ask('EHLO c');
    expect(await client.ask(GOOD_AUTH)).toBe('454 4.7.0 Too many wrong keys: wait before the next one.');
  });
});

/** An error, and the replies to it at MAIL, at RCPT and at the dot. */
const REFUSALS: readonly (readonly [string, AppError, string, string, string])[] = [
  refusal('sender_not_allowed', '553 5.7.1', '550 5.7.1', '550 5.7.1'),
  refusal('unauthenticated', '535 5.7.8', '535 5.7.8', '535 5.7.8'),
  refusal('account_inactive', '525 5.7.13', '525 5.7.13', '525 5.7.13'),
  refusal('forbidden', '550 5.7.1', '550 5.7.1', '550 5.7.1'),
  refusal('malformed', '554 5.6.0', '554 5.6.0', '554 5.6.0'),
  refusal('invalid', '553 5.1.8', '553 5.1.3', '554 5.6.0'),
  refusal('too_large', '552 5.3.4', '552 5.3.4', '552 5.3.4'),
  refusal('too_many_recipients', '452 4.5.3', '452 4.5.3', '554 5.5.3'),
  refusal('rate_limited', '452 4.7.1', '452 4.7.1', '452 4.7.1'),
  refusal('unavailable', '451 4.3.0', '451 4.3.0', '451 4.3.0'),
  refusal('invalid', '553 5.1.8', '553 5.1.3', '554 5.4.6', 'loop'),
  refusal('malformed', '550 5.6.11', '550 5.6.11', '550 5.6.11', 'bad-line-ends'),
  ['no balance', new TempMailError('no-balance'), '550 5.7.1', '550 5.7.1', '550 5.7.1'],
  ['the block list', new TempMailError('blocked'), '550 5.7.1', '550 5.7.1', '550 5.7.1'],
  ['the quota of the day', new TempMailError('quota-day'), '452 4.7.1', '452 4.7.1', '452 4.7.1'],
  ['the quota of the month', new TempMailError('quota-month'), '452 4.7.1', '452 4.7.1', '452 4.7.1'],
];

function refusal(code: ErrorCode, mail: string, rcpt: string, dot: string, reason?: RefusalReason) {
  const error = new AppError(code, 'The text\r\n250 of it.', { ...(reason && { reason }) });
  return [reason ?? code, error, mail, rcpt, dot] as const;
}

describe('a refusal', () => {
  test.each(REFUSALS)(
    'for %s has its code at MAIL, RCPT and the dot',
    async (_, error, atMail, atRcpt, atDot) => {
      let stage = '';
      const refuseAt = (here: string) => {
        if (stage === here) throw error;
      };
      const { enter, logged } = await startFront({
        sender: {
          checkSender: () => refuseAt('mail'),
          checkRecipient: async () => refuseAt('rcpt'),
          submit: async () => {
            refuseAt('dot');
            throw new Error('unreachable');
          },
        },
      });
      const client = await enter();
      const text = error.message.replace('\r\n', '??');
      stage = 'mail';
      expect(await client.ask('MAIL FROM:<a@b.test>')).toBe(`${atMail} ${text}`);
      stage = 'rcpt';
      await client.ask('MAIL FROM:<a@b.test>');
      expect(await client.ask('RCPT TO:<c@d.test>')).toBe(`${atRcpt} ${text}`);
      await client.ask('RSET');
      stage = 'dot';
      expect(await hand(client, `${MESSAGE}.\r\n`)).toBe(`${atDot} ${text}`);
      expect(logged).toEqual([]);
    },
  );

  test('for a bug has no details, and the bug is logged', async () => {
    const { enter, logged } = await startFront({
      sender: {
        submit: async () => {
          throw new TypeError('internal details');
        },
      },
    });
    expect(await hand(await enter(), `${MESSAGE}.\r\n`)).toBe('451 4.3.0 Internal error');
    expect(logged.join()).toContain('an SMTP command failed with a bug');
  });
});

describe('a connection', () => {
  test('over a limit gets 421, in total and for one address, until another one ends', async () => {
    for (const limits of [{ maxConnections: 2 }, { maxConnectionsPerAddress: 2 }]) {
      const { greet } = await startFront(limits);
      const first = await greet();
      await greet();
      const third = await greet();
      expect(await third.reply()).toBe('closed');
      await first.ask('QUIT');
      first.cut();
      await expect.poll(async () => (await greet()).ask('NOOP')).toMatch(/^250 /);
    }
  });

  test.each([
    ['sends nothing', { loginMs: scaled(400) }, []],
    ['never logs in', { loginMs: scaled(400) }, ['EHLO c', 'NOOP']],
    ['sends nothing after its login', { commandMs: scaled(400) }, ['EHLO c', GOOD_AUTH]],
  ])('that %s is closed with 421', async (_, timeouts, lines) => {
    const { greet } = await startFront({ timeouts });
    const client = await greet();
    for (const line of lines) await client.ask(line);
    client.say('N');
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /);
    await client.closed;
  });

  test('that sends a message too slowly gets 421, and a fast enough one is accepted', async () => {
    const { enter, mails } = await startFront({
      timeouts: { dataWindowMs: scaled(600), dataWindowBytes: 1_000 },
    });
    const [slow, steady] = [await enter(), await enter()];
    for (const client of [slow, steady]) {
      for (const command of ['MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA']) await client.ask(command);
    }
    const trickle = setInterval(() => slow.say('x'), 10);
    const flow = setInterval(() => steady.say(`${'x'.repeat(498)}\r\n`), 10);
    expect(await slow.reply()).toMatch(/^421 4\.4\.2 /);
    clearInterval(trickle);
    clearInterval(flow);
    steady.say('.\r\n');
    expect(await steady.reply()).toMatch(/^250 /);
    expect(mails).toHaveLength(1);
  });

  test('that reads no replies is paused, then closed', async () => {
    const { greet } = await startFront({ timeouts: { loginMs: 1_000 } });
    const client = await greet();
    for (let i = 0; i < 100; i++) client.say('HELP\r\n'.repeat(1_000));
    await client.closed;
  });
});

describe('when the server stops', () => {
  test('an idle client gets 421, and a running message is answered first', async () => {
    const [arrived, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { enter, server } = await startFront({
      sender: {
        async submit() {
          arrived.resolve();
          await mayEnd.promise;
          return { id: 'm', messageIdHeader: '<m@test>', replayed: false, recipients: [] };
        },
      },
    });
    const [idle, busy] = [await enter(), await enter()];
    const answer = hand(busy, `${MESSAGE}.\r\n`);
    await arrived.promise;
    const closed = server.close(10_000);
    expect(await idle.reply()).toMatch(/^421 4\.3\.2 /);
    mayEnd.resolve();
    expect(await answer).toBe('250 2.0.0 Ok: queued as m');
    expect(await busy.reply()).toMatch(/^421 4\.3\.2 /);
    await closed;
  });

  test('a message that does not end within the grace period is cut off', async () => {
    const { enter, server } = await startFront();
    const client = await enter();
    for (const command of ['MAIL FROM:<a@b.test>', 'RCPT TO:<c@d.test>', 'DATA']) await client.ask(command);
    await server.close(50);
    expect(await client.reply()).toBe('closed');
  });
});
