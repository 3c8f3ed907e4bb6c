import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MAIL, type MailerRigOptions, startMailer } from '../helpers/gates/smtp-mailer-rig.ts';
import {
  type SinkAnswer,
  type SinkOptions,
  type SinkStage,
  startSmtpSink,
} from '../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../helpers/mail-servers/test-ca.ts';
import { scaled } from '../helpers/programs/patience.ts';

const authority = createTestCa();
const certificate = authority.issue(['127.0.0.1', 'mail.test']);
const STARTTLS = { mode: 'starttls', certificate } as const;
const IMPLICIT = { mode: 'implicit', certificate } as const;
/** For servers that do not answer; all that they do answer is read in that time. */
const SHORT = { limitMs: scaled(300), connectMs: scaled(200) };
const USERS = { 'a@b.c': 'secret' };
const TRUSTING: MailerRigOptions = { caPem: authority.cert };

async function startSink(options: SinkOptions = {}) {
  const sink = await startSmtpSink(options);
  onTestFinished(() => sink.close());
  return { ...sink, named: { server: sink.host, port: String(sink.port) } };
}

function says(stage: SinkStage, answer: SinkAnswer): SinkOptions {
  return { users: USERS, answer: step => (step.stage === stage ? answer : undefined) };
}

describe('mail through a server that the caller names', () => {
  test('is sent, and told as nodemailer tells it, with numbers', async () => {
    const sink = await startSink({ users: USERS });
    const gate = await startMailer();
    const answer = await gate.post(sink.named, { ...MAIL, cc: 'g@h.i', bcc: 'j@k.l' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const { envelopeTime = -1, messageTime = -1, ...info } = answer.body.info ?? {};
    expect([envelopeTime, messageTime].every(time => Number.isInteger(time) && time >= 0)).toBe(true);
    const bytes = sink.messages[0]?.bytes ?? Buffer.alloc(0);
    expect({ ...answer.body, info }).toEqual({
      message: 'Email sent successfully',
      info: {
        accepted: ['d@e.f', 'g@h.i', 'j@k.l'],
        rejected: [],
        ehlo: [
          ...['PIPELINING', 'SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'],
          'AUTH PLAIN LOGIN XOAUTH2',
        ],
        messageSize: bytes.length,
        response: '250 2.0.0 taken',
        envelope: { from: 'a@b.c', to: ['d@e.f', 'g@h.i', 'j@k.l'] },
        messageId: '<token123@b.c>',
      },
    });
    expect(bytes.toString()).toContain('Message-ID: <token123@b.c>\r\n');
    expect(bytes.toString()).not.toContain('j@k.l');
    expect(sink.sessions[0]?.user).toBe('a@b.c');
  });

  test('has the address of from as envelope sender, also where that is not who logs in', async () => {
    const sink = await startSink({ users: { apikey: 'secret' } });
    const gate = await startMailer();
    const mail = { ...MAIL, from: 'Ay <other@b.c>' };
    expect((await gate.post({ ...sink.named, email: 'apikey' }, mail)).status).toBe(200);
    expect(sink.messages[0]?.sender).toBe('other@b.c');
  });

  test('one good and one refused recipient is a success', async () => {
    const sink = await startSink({
      answer: ({ stage, recipient }) => (stage === 'rcpt' && recipient === 1 ? '550 5.1.1 no' : undefined),
    });
    const gate = await startMailer();
    const { status, body } = await gate.post(sink.named, { ...MAIL, to: 'd@e.f, g@h.i' });
    expect([status, body.info?.accepted, body.info?.rejected]).toEqual([200, ['g@h.i'], ['d@e.f']]);
    expect(body.info?.envelope.to).toEqual(['d@e.f', 'g@h.i']);
  });

  test('needs no login where the server has none', async () => {
    const sink = await startSink();
    const gate = await startMailer();
    expect((await gate.post(sink.named)).status).toBe(200);
    expect(sink.sessions[0]?.commands.join()).not.toContain('AUTH');
  });

  test('leaves an event, and no secret in it', async () => {
    const sink = await startSink(says('auth', '535 5.7.8 no'));
    const gate = await startMailer();
    await gate.post(sink.named);
    await expect.poll(gate.events).toHaveLength(1);
    const events = await gate.events();
    expect(events[0]).toMatchObject({
      type: 'direct',
      data: {
        dialect: 'smtp-mailer',
        client: '127.0.0.1',
        server: `127.0.0.1:${sink.port}`,
        sender: 'a@b.c',
        recipients: ['d@e.f'],
        outcome: 'bad-credentials',
        phase: 'auth',
        code: 535,
        enhanced: '5.7.8',
      },
    });
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(JSON.stringify(events)).not.toContain('Hello');
  });
});

/** Refusals that the server itself says: the reply is handed on. */
const REFUSED_LOGIN = 'The server refused the e-mail address and password.';
const REFUSED_MESSAGE = 'The server refused the message.';
const LOST = 'The connection to the server was lost; the message was not sent.';
const UNKNOWN =
  'after the whole message was sent: it may have been accepted. Sending it again may send it twice.';
const NO_CONNECTION =
  'The gate could not connect to an SMTP server: the name or port is wrong, nothing answers there, or its certificate is not valid.';

describe('what the server answers', () => {
  test.each<[SinkStage, string, number, object]>([
    ['auth', '535 5.7.8 wrong', 401, { message: REFUSED_LOGIN, code: 'BAD_CREDENTIALS' }],
    ['auth', '454 4.7.0 later', 502, { message: 'The server refused the login.', code: 'REFUSED' }],
    ['mail', '550 5.7.1 not you', 502, { message: 'The server refused the sender.', code: 'REFUSED' }],
    ['rcpt', '550 5.1.1 unknown', 502, { message: 'The server refused every recipient.', code: 'REFUSED' }],
    ['data', '451 4.3.0 later', 502, { message: REFUSED_MESSAGE, code: 'REFUSED' }],
    ['dot', '554 5.6.0 spam', 502, { message: REFUSED_MESSAGE, code: 'REFUSED' }],
  ])('%s: %s', async (stage, response, status, body) => {
    const sink = await startSink(says(stage, response));
    const gate = await startMailer();
    const answer = await gate.post(sink.named);
    expect([answer.status, answer.body]).toEqual([status, { ...body, response }]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test.each<[string, SinkOptions]>([
    ['a banner that refuses', says('connect', '554 secret banner')],
    ['a banner that is none', says('connect', { fault: 'garbage' })],
    ['a connection that is closed at once', says('connect', { fault: 'close' })],
    ['EHLO refused', says('ehlo', '550 secret banner')],
  ])('%s is no SMTP server, and its words are not handed on', async (_, options) => {
    const sink = await startSink(options);
    const gate = await startMailer();
    const { status, body } = await gate.post(sink.named);
    expect([status, body]).toEqual([502, { message: NO_CONNECTION, code: 'REFUSED' }]);
  });

  test.each<SinkStage>(['mail', 'data'])('a connection that is lost at %s', async stage => {
    const sink = await startSink(says(stage, { fault: 'close' }));
    const gate = await startMailer();
    const { status, body } = await gate.post(sink.named);
    expect([status, body]).toEqual([502, { message: LOST, code: 'REFUSED' }]);
  });

  test('no answer in time', async () => {
    const sink = await startSink(says('mail', { fault: 'silence' }));
    const gate = await startMailer({ timeouts: SHORT });
    const { status, body } = await gate.post(sink.named);
    const message = `The server took more than ${SHORT.limitMs / 1_000} seconds; the message was not sent.`;
    expect([status, body]).toEqual([504, { message, code: 'TOO_SLOW' }]);
  });

  test('no greeting in time', async () => {
    const sink = await startSink(says('connect', { fault: 'silence' }));
    const gate = await startMailer({ timeouts: SHORT });
    const { status, body } = await gate.post(sink.named);
    expect([status, body.code]).toEqual([504, 'TOO_SLOW']);
  });

  test('a connection that is lost after the dot', async () => {
    const sink = await startSink(says('dot', { fault: 'close' }));
    const gate = await startMailer();
    const { status, body } = await gate.post(sink.named);
    const message = `The connection to the server was lost ${UNKNOWN}`;
    expect([status, body]).toEqual([502, { message, code: 'UNKNOWN_OUTCOME' }]);
    expect(sink.messages).toHaveLength(1);
  });

  test('no answer to the dot', async () => {
    const sink = await startSink(says('dot', { fault: 'silence' }));
    const gate = await startMailer({ timeouts: SHORT });
    const { status, body } = await gate.post(sink.named);
    const message = `The server did not answer in time ${UNKNOWN}`;
    expect([status, body]).toEqual([504, { message, code: 'UNKNOWN_OUTCOME' }]);
  });

  test('a message that it does not take', async () => {
    const sink = await startSink({ capabilities: ['SIZE 10'] });
    const gate = await startMailer();
    const { status, body } = await gate.post(sink.named);
    expect([status, body.code]).toEqual([502, 'REFUSED']);
    expect(body.message).toMatch(/^The server cannot take this message: 5\.3\.4 /);
  });

  test('a caller that leaves before the dot stops the attempt', async () => {
    const sink = await startSink(says('mail', { fault: 'silence' }));
    const gate = await startMailer();
    const caller = new AbortController();
    const answer = gate.post(sink.named, MAIL, caller.signal).catch(() => 'left');
    await sink.until(() => sink.sessions[0]?.commands.some(line => line.startsWith('MAIL')));
    caller.abort();
    expect(await answer).toBe('left');
    expect(await sink.until(() => sink.sessions[0]?.isClosed)).toBe(true);
  });

  test('a caller that leaves after the dot does not', async () => {
    const answered = Promise.withResolvers<void>();
    const sink = await startSink({
      answer: async ({ stage }) => (stage === 'dot' ? answered.promise.then(() => undefined) : undefined),
    });
    const gate = await startMailer();
    const caller = new AbortController();
    const answer = gate.post(sink.named, MAIL, caller.signal).catch(() => 'left');
    await sink.until(() => sink.messages.length === 1);
    caller.abort();
    await answer;
    answered.resolve();
    await expect.poll(gate.events).toMatchObject([{ data: { outcome: 'accepted', code: 250 } }]);
  });
});

const NOT_ENCRYPTED =
  'The connection could not be encrypted: the server does not offer STARTTLS, or its certificate is not valid.';

/** Development mode with a server for the mailboxes of b.c, named by a URL. */
function knowing(url: string): MailerRigOptions {
  return { ...TRUSTING, settings: { development: true, 'smtpMailer.servers': [`b.c=${url}`] } };
}

/** No settings but e-mail and password. */
const WAY_C = { port: '', secure: '' };

describe('encryption', () => {
  test('STARTTLS is used if offered, and the certificate must be good', async () => {
    const sink = await startSink({ tls: STARTTLS, users: USERS });
    const trusting = await startMailer(TRUSTING);
    expect((await trusting.post(sink.named)).status).toBe(200);
    expect(sink.sessions[0]?.isSecure).toBe(true);
    const strict = await startMailer();
    const { status, body } = await strict.post(sink.named);
    expect([status, body]).toEqual([502, { message: NOT_ENCRYPTED, code: 'REFUSED' }]);
    expect(sink.sessions[1]?.commands.join()).not.toContain('AUTH');
  });

  test('secure is TLS from the start', async () => {
    const sink = await startSink({ tls: IMPLICIT, users: USERS });
    const gate = await startMailer(TRUSTING);
    expect((await gate.post({ ...sink.named, secure: 'true' })).status).toBe(200);
    expect(sink.sessions[0]?.isSecure).toBe(true);
    const clear = await startSink({ users: USERS });
    const { status, body } = await gate.post({ ...clear.named, secure: 'true' });
    expect([status, body]).toEqual([502, { message: NO_CONNECTION, code: 'REFUSED' }]);
  });

  test('STARTTLS that is required and not offered ends it before the login', async () => {
    const offering = await startSink({ tls: STARTTLS, users: USERS });
    const gate = await startMailer(knowing(`smtp://127.0.0.1:${offering.port}`));
    expect((await gate.post(WAY_C)).status).toBe(200);
    expect(offering.sessions[0]?.isSecure).toBe(true);
    const clear = await startSink({ users: USERS });
    const other = await startMailer(knowing(`smtp://127.0.0.1:${clear.port}`));
    const { status, body } = await other.post(WAY_C);
    expect([status, body]).toEqual([502, { message: NOT_ENCRYPTED, code: 'REFUSED' }]);
    expect(clear.sessions[0]?.commands.join()).not.toContain('AUTH');
  });

  test('the certificate must be that of the host as given', async () => {
    const sink = await startSink({ tls: STARTTLS, users: USERS });
    const gate = await startMailer({ ...TRUSTING, resolve: async () => ['127.0.0.1'] });
    const statuses = [];
    for (const server of ['mail.test', 'other.test']) {
      statuses.push((await gate.post({ ...sink.named, server })).status);
    }
    expect(statuses).toEqual([200, 502]);
  });

  test('the host as given is asked for in the handshake (SNI)', async () => {
    const asked = Promise.withResolvers<string>();
    const server = createTlsServer({ SNICallback: name => asked.resolve(name) });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const gate = await startMailer({
      resolve: async () => ['127.0.0.1'],
      timeouts: SHORT,
    });
    await gate.post({ server: 'mail.test', port: String(port), secure: 'true' });
    expect(await asked.promise).toBe('mail.test');
  });

  test('a password is sent in clear only where the operator allows it for the host', async () => {
    const sink = await startSink({ users: USERS });
    const settings = {
      'smtpMailer.isEnabled': true,
      'smtpMailer.hosts': ['127.0.0.1'],
      'smtpMailer.ports': [String(sink.port)],
    };
    const strict = await startMailer({ settings });
    const { status, body } = await strict.post(sink.named);
    expect([status, body.code]).toEqual([502, 'REFUSED']);
    expect(body.message).toMatch(/^The gate could not log in: the connection is not encrypted/);
    expect(sink.sessions[0]?.commands.join()).not.toContain('AUTH');
    const allowing = await startMailer({ settings: { ...settings, allowClearText: ['127.0.0.1'] } });
    expect((await allowing.post(sink.named)).status).toBe(200);
  });
});

describe('what the operator decides', () => {
  test('it is off in production unless switched on', async () => {
    const sink = await startSink();
    const gate = await startMailer({ settings: {} });
    const { status, body } = await gate.post(sink.named);
    const message = 'Sending through servers that the request names is switched off.';
    expect([status, body]).toEqual([403, { message, code: 'DISABLED' }]);
    expect(sink.sessions).toHaveLength(0);
  });

  test('a mistake in the body is told before that it is off', async () => {
    const gate = await startMailer({ settings: {} });
    expect((await gate.post({ server: '127.0.0.1' }, {})).status).toBe(400);
  });

  test('a mailbox of the map needs no server, wherever that is', async () => {
    const sink = await startSink({ tls: IMPLICIT, users: USERS });
    const settings = {
      'smtpMailer.isEnabled': true,
      'smtpMailer.servers': [`b.c=smtps://127.0.0.1:${sink.port}`],
    };
    const gate = await startMailer({ ...TRUSTING, settings });
    expect((await gate.post(WAY_C)).status).toBe(200);
  });

  test('so many messages a minute from one client address', async () => {
    const sink = await startSink();
    const settings = { development: true, 'smtpMailer.maxPerMinute': 2 };
    const gate = await startMailer({ settings });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await gate.post(sink.named)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await gate.post(sink.named);
    const message = 'Too many messages from this address or to this server. Try again later.';
    expect(refused.body).toEqual({ message, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('so many at once', async () => {
    const answered = Promise.withResolvers<undefined>();
    const sink = await startSink({ answer: ({ stage }) => (stage === 'dot' ? answered.promise : undefined) });
    const settings = { development: true, 'smtpMailer.maxConcurrent': 1 };
    const gate = await startMailer({ settings });
    const first = gate.post(sink.named);
    await sink.until(() => sink.messages.length === 1);
    expect((await gate.post(sink.named)).status).toBe(429);
    answered.resolve(undefined);
    expect((await first).status).toBe(200);
    expect((await gate.post(sink.named)).status).toBe(200);
  });

  test('so many recipients and bytes', async () => {
    const sink = await startSink();
    const settings = { development: true, 'limits.maxRecipients': 1, 'limits.maxMessageBytes': 2_048 };
    const gate = await startMailer({ settings });
    const many = await gate.post(sink.named, { ...MAIL, cc: 'g@h.i' });
    expect([many.status, many.body.code]).toEqual([400, 'TOO_MANY_RECIPIENTS']);
    const large = await gate.post(sink.named, { ...MAIL, text: 'x'.repeat(2_048) });
    expect([large.status, large.body.code]).toEqual([413, 'TOO_LARGE']);
    expect(sink.sessions).toHaveLength(0);
  });
});
