import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { type FullGate, startFullGate } from '../../helpers/gates/five-apis.ts';
import { SENDING_APIS } from '../../helpers/gates/sending-apis.ts';
import { speakTo } from '../../helpers/mail-servers/smtp-speaker.ts';
import { readWithPostalMime } from '../../helpers/mime/mime-readers.ts';

/** What no field that reaches an address, a header or a command may hold. */
const CONTROLS = {
  CR: '\r',
  LF: '\n',
  CRLF: '\r\n',
  'CRLF and a header field': '\r\nX-Injected: 1',
  'LF and a header field': '\nX-Injected: 1',
  'CR and a header field': '\rX-Injected: 1',
  'CRLF and a command': '>\r\nRCPT TO:<injected@rcpt.test>\r\n',
  'an end of message and commands': '\r\n.\r\nMAIL FROM:<injected@rcpt.test>\r\n',
  NUL: '\u0000',
  'NUL and a header field': '\u0000\r\nX-Injected: 1',
};
/** The same in other clothes: refused where an address or a token must be, plain text where text may be. */
const ENCODED = {
  'percent-encoded': '%0D%0AX-Injected: 1',
  'an encoded word': '=?utf-8?Q?=0D=0AX-Injected:_1?=',
  'an encoded word of base64': '=?utf-8?B?DQpYLUluamVjdGVkOiAx?=',
  'escaped by backslashes': '\\r\\nX-Injected: 1',
  'as HTML': '&#13;&#10;X-Injected: 1',
};
const MAIL = { from: 'a@sender.test', to: 'ada@rcpt.test', subject: 'x', text: 'x' };
const OVERLONG = 'x'.repeat(100_000);
const BODY = 'a\r\n.\r\nQUIT\r\n..\nX-Injected: 1\n%0D%0A =?utf-8?Q?=0D=0A?=\n';

describe('injection', () => {
  let full: FullGate;
  beforeAll(async () => {
    full = await startFullGate();
  });
  afterAll(() => full.stop());

  describe.for(SENDING_APIS)('$name', api => {
    const fields = Object.entries(api.fields);

    test.for(fields)('refuses controls in %s, in its own words', async ([field, { place }]) => {
      for (const [what, value] of Object.entries(CONTROLS)) {
        const answer = await api.send(full, { [field]: place(value) });
        expect(answer.status, what).toBeGreaterThanOrEqual(400);
        expect(answer.status, what).toBeLessThan(500);
        expect(answer.headers.get('content-type'), what).toMatch(api.refusal.type);
        expect(answer.text, what).toMatch(api.refusal.body);
        expect(answer.text.trimEnd(), what).not.toMatch(/[\r\n\0]/);
      }
    });

    test.for(fields)('takes no encoded control in %s for one', async ([field, { kind, place }]) => {
      for (const [what, value] of Object.entries(ENCODED)) {
        const answer = await api.send(full, { [field]: place(value) });
        if (kind === 'text' || kind === 'name') expect(answer.status, what).toBeLessThan(500);
        else expect([what, answer.status]).toEqual([what, expect.toSatisfy(isRefusal)]);
      }
    });

    test.for(fields)('refuses %s when it is far too long', async ([field, { place }]) => {
      const answer = await api.send(full, { [field]: place(OVERLONG) });
      expect(answer.status).toSatisfy(isRefusal);
      expect(answer.text).toMatch(api.refusal.body);
    });

    test('leaves the text of the message as it is', async () => {
      // What was taken above is on its way.
      await full.api.reachEmptyQueue();
      const before = full.sink.messages.length;
      const answer = await api.send(full, { [api.body]: BODY });
      expect(answer.status).toBeLessThan(300);
      const message = await full.sink.until(() => full.sink.messages[before]);
      const { text } = await readWithPostalMime(message.bytes);
      expect(text?.replaceAll('\r\n', '\n').trimEnd()).toBe(BODY.replaceAll('\r\n', '\n').trimEnd());
    });
  });

  describe('where providers are managed', () => {
    const provider = {
      ...{ driver: 'smtp', host: 'smtp.example.com', port: 587, username: 'u', password: 'p' },
      ...{ sendFrom: 'a@sender.test', sendFromName: 'A', encryption: 'tls', isEnabled: false, caption: 'c' },
    };
    const fields = ['host', 'username', 'password', 'sendFrom', 'sendFromName', 'caption'] as const;

    test.for([
      ['/api/v2/mail/providers', fields, /^\{"message":"[^"]+","errors":\{"/],
      ['/v1/providers', fields, /^\{"error":\{"code":"invalid"/],
    ] as const)('%s refuses controls in every field', async ([path, names, words]) => {
      for (const field of names) {
        for (const [what, value] of Object.entries({ ...CONTROLS, overlong: OVERLONG })) {
          const { driver: _, ...plain } = provider;
          const body = path.startsWith('/v1') ? plain : provider;
          const answer = await full.api.call('POST', path, { ...body, [field]: body[field] + value });
          expect([field, what, answer.status]).toEqual([field, what, 400]);
          expect(answer.text).toMatch(words);
        }
      }
      expect(JSON.stringify(await full.api.ask('GET', path))).not.toMatch(/injected/i);
    });
  });

  test('credentials of /api/smtp that hold controls are refused', async () => {
    for (const value of Object.values(CONTROLS)) {
      for (const credentials of [`a@sender.test${value}:secret`, `a@sender.test:secret${value}`]) {
        const answer = await apiOf(full.gate).call('POST', '/api/smtp', MAIL, {
          ...{ server: '127.0.0.1', port: String(full.sink.port), secure: 'false' },
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        });
        expect(answer.status).toSatisfy(isRefusal);
        expect(answer.text).toMatch(/^\{"message":"/);
      }
    }
  });

  test('SMTP refuses controls in paths and bare line ends in the message', async () => {
    const login = `AUTH PLAIN ${Buffer.from(`\0test\0${full.key}`).toString('base64')}`;
    for (const [what, value] of Object.entries(CONTROLS)) {
      const speaker = await speakTo({ port: Number(full.gate.smtp.split(':').at(-1)) });
      await speaker.reply();
      for (const line of ['EHLO client.test', login]) await speaker.ask(line);
      expect(await speaker.ask(`MAIL FROM:<a${value}@sender.test>`), what).toMatch(/^5\d\d 5\.\d\.\d /);
      speaker.cut();
    }
    for (const field of ['Subject: x\rX-Injected: 1', 'Subject: x\nX-Injected: 1', 'Subject: x\0']) {
      const speaker = await speakTo({ port: Number(full.gate.smtp.split(':').at(-1)) });
      await speaker.reply();
      const envelope = ['MAIL FROM:<a@sender.test>', 'RCPT TO:<ada@rcpt.test>', 'DATA'];
      for (const line of ['EHLO client.test', login, ...envelope]) await speaker.ask(line);
      expect(await speaker.ask(`From: a@sender.test\r\n${field}\r\n\r\nx\r\n.`)).toMatch(/^550 5\.6\.11 /);
      speaker.cut();
    }
  });

  test('the far end saw no command and no header field but ours', async () => {
    await full.api.reachEmptyQueue();
    const { sink } = full;
    const commands = sink.sessions.flatMap(session => session.commands);
    expect(commands.length).toBeGreaterThan(50);
    const ours =
      /^(EHLO [\w.[\]:-]+|AUTH [\w+/= -]+|MAIL FROM:<[\w.@-]*>( \w+(=\S+)?)*|RCPT TO:<[\w.%@?=;&#\\-]+>|DATA|\.|RSET|NOOP|QUIT)$/;
    expect(commands.filter(command => !ours.test(command))).toEqual([]);
    const names = new Set(sink.messages.flatMap(({ bytes }) => fieldNames(bytes)));
    expect([...names].sort()).toEqual(
      expect.arrayContaining(['Date', 'From', 'Message-ID', 'Subject', 'To']),
    );
    const expected =
      /^(Date|From|Sender|Reply-To|To|Cc|Subject|Message-ID|MIME-Version|Content-[\w-]+|X-Order)$/;
    expect([...names].filter(name => !expected.test(name))).toEqual([]);
    const recipients = sink.messages.flatMap(message => message.recipients);
    expect(recipients.filter(recipient => recipient.includes('injected'))).toEqual([]);
  });
});

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Of the message's own header. */
function fieldNames(bytes: Buffer): string[] {
  const header = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n'));
  return header
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map(line => line.slice(0, line.indexOf(':')));
}
