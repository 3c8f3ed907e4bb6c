import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { developmentConfig } from '../../../src/config/config.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { hand, plain } from '../../helpers/mail-servers/smtp-front.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { type SmtpSpeaker, speakTo } from '../../helpers/mail-servers/smtp-speaker.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

// What an account may do over SMTP, in a whole gate.

const DOMAIN = 'temp.test';
const data = mkdtempSync(join(tmpdir(), 'postern-submission-'));
let sink: SmtpSink;
let gate: ServedGate;
let admin: Api;
let key: string;
let narrow: string;
const speakers: SmtpSpeaker[] = [];

beforeAll(async () => {
  sink = await startSmtpSink();
  gate = await start();
  admin = apiOf(gate, gate.adminToken);
  key = (await makeKey({ name: 'smtp' })).secret;
  narrow = (
    await makeKey({ name: 'narrow', account: 'narrow', newAccount: { allowedSenders: ['@narrow.test'] } })
  ).secret;
});

afterAll(async () => {
  for (const speaker of speakers) speaker.cut();
  await gate?.stop();
  await sink?.close();
  rmSync(data, { recursive: true });
});

function start(): Promise<ServedGate> {
  return startServe({
    data,
    settings: {
      smarthost: `smtp://${sink.host}:${sink.port}`,
      'tempMail.domains': DOMAIN,
      'tempMail.jwtSecret': 'a secret of thirty-two characters',
      'tempMail.sitePassword': 'of the site',
      'tempMail.addressPasswords': 'true',
    },
  });
}

/** A temp-mail address of this gate, with its two credentials. */
function newAddress(name: string): Promise<{ address: string; jwt: string; password: string }> {
  const headers = { 'x-custom-auth': 'of the site' };
  const made = apiOf(gate).call('POST', '/api/new_address', { name, domain: DOMAIN }, headers);
  return made.then(({ text }) => JSON.parse(text));
}

function makeKey(settings: object): Promise<{ id: number; secret: string }> {
  return admin.ask('POST', '/v1/keys', { scopes: ['send'], account: 'default', ...settings });
}

async function greet(): Promise<SmtpSpeaker> {
  const speaker = await speakTo({ port: Number(gate.smtp.split(':')[1]) });
  speakers.push(speaker);
  await speaker.reply();
  await speaker.ask('EHLO client.test');
  return speaker;
}

async function enter(password = key, user = 'anybody'): Promise<SmtpSpeaker> {
  const speaker = await greet();
  expect(await speaker.ask(`AUTH PLAIN ${plain(user, password)}`)).toMatch(/^235 2\.7\.0 /);
  return speaker;
}

const HEADER =
  'From: ada@sender.test\r\nSubject: x\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <a@b.test>\r\n';
const MESSAGE = `${HEADER}\r\nhello\r\n`;

/** How many messages have arrived, once all that were handed in have. */
async function arrivals(): Promise<number> {
  await apiOf(gate, gate.adminToken).reachEmptyQueue();
  return sink.messages.length;
}

async function arrivalOf(
  speaker: SmtpSpeaker,
  message: string,
  recipients?: readonly string[],
): Promise<string> {
  const before = await arrivals();
  expect(await hand(speaker, `${message}.\r\n`, recipients)).toMatch(/^250 2\.0\.0 Ok: queued as /);
  return (await sink.until(() => sink.messages[before])).bytes.toString('latin1');
}

test('a message is queued under the id by which the gate knows it, and goes on as it came, behind a trace', async () => {
  const speaker = await enter();
  const before = await arrivals();
  const answer = await hand(speaker, `${MESSAGE}.\r\n`);
  const [, id = ''] = /^250 2\.0\.0 Ok: queued as ([0-9a-z]{13})$/.exec(answer) ?? [];
  const story = await apiOf(gate, gate.adminToken).reach(id, 'delivered');
  expect(story).toMatchObject({ messageId: '<a@b.test>', subject: 'x' });
  const arrived = await sink.until(() => sink.messages[before]);
  const text = arrived.bytes.toString('latin1');
  expect(text.endsWith(MESSAGE)).toBe(true);
  const front = text.slice(0, -MESSAGE.length).replace(/\r\n[ \t]/g, ' ');
  expect(front).toMatch(
    /^Received: from client\.test \(\[127\.0\.0\.1\]\) by \S+ \(Postern\) with ESMTPA; .+ \+0000\r\n$/,
  );
});

test('a missing Date and Message-ID are added, Bcc is taken out', async () => {
  const text = await arrivalOf(
    await enter(),
    'From: ada@sender.test\r\nBcc: eve@rcpt.test,\r\n bob@rcpt.test\r\nSubject: x\r\n\r\nhello\r\n',
    ['bob@rcpt.test', 'eve@rcpt.test'],
  );
  expect(text).toMatch(/^Date: /m);
  expect(text).toMatch(/^Message-ID: <.+>/m);
  expect(text).not.toContain('Bcc');
  expect(text.endsWith('From: ada@sender.test\r\nSubject: x\r\n\r\nhello\r\n')).toBe(true);
});

test('8-bit text and addresses beyond ASCII go to a server that offers what they need', async () => {
  const speaker = await greet();
  await speaker.ask(`AUTH PLAIN ${plain('', key)}`);
  const before = await arrivals();
  for (const line of [
    'MAIL FROM:<søren@sender.test> SMTPUTF8 BODY=8BITMIME',
    'RCPT TO:<zoë@rcpt.test>',
    'DATA',
  ])
    expect(await speaker.ask(line)).toMatch(/^(?:250|354) /);
  speaker.say('From: søren@sender.test\r\nSubject: blåbær\r\n\r\ngrød\r\n.\r\n');
  expect(await speaker.reply()).toMatch(/^250 /);
  const arrived = await sink.until(() => sink.messages[before]);
  expect(arrived.parameters).toEqual(expect.arrayContaining(['SMTPUTF8', 'BODY=8BITMIME']));
  expect(arrived.recipients).toEqual(['zoë@rcpt.test']);
  expect(arrived.bytes.toString()).toMatch(/with UTF8SMTPA;[\s\S]*\r\n\r\ngrød\r\n$/);
});

test('the port is 8025 unless the operator says otherwise', () => {
  expect(developmentConfig({}).smtp.port).toBe(8025);
});

describe('as an address', () => {
  const HELLO = (from: string) => `From: A Name <${from}>\r\nSubject: x\r\n\r\nhello\r\n`;

  const hasPython = needs('the documented SMTP client of temp-mail', 'python3');

  test.runIf(hasPython)(
    'the documented client of Python sends one message, its password the JWT',
    async () => {
      const { address, jwt } = await newAddress('python');
      const before = await arrivals();
      const script = join(data, 'client.py');
      writeFileSync(
        script,
        [
          'import smtplib, sys',
          'from email.mime.text import MIMEText',
          'port, jwt, address = sys.argv[1:]',
          "message = MIMEText('hello')",
          "message['From'], message['To'], message['Subject'] = address, 'bob@rcpt.test', 'x'",
          "with smtplib.SMTP('127.0.0.1', int(port)) as server:",
          "    server.login('jwt', jwt)",
          '    server.send_message(message)',
        ].join('\n'),
      );
      const end = await runProgram('python3', [script, gate.smtp.split(':')[1] ?? '', jwt, address]);
      expect(end.code, end.stderr).toBe(0);
      const arrived = await sink.until(() => sink.messages[before]);
      expect(arrived).toMatchObject({ sender: address, recipients: ['bob@rcpt.test'] });
    },
  );

  test('the address password works too, without the password of the site', async () => {
    const { address, password } = await newAddress('password');
    const speaker = await enter(password, address);
    expect(await hand(speaker, `${HELLO(address)}.\r\n`, ['bob@rcpt.test'], address)).toMatch(/^250 /);
  });

  test('a wrong JWT or password is refused at AUTH', async () => {
    const { address, jwt } = await newAddress('wrong');
    const speaker = await greet();
    expect(await speaker.ask(`AUTH PLAIN ${plain('jwt', `${jwt}x`)}`)).toMatch(/^535 5\.7\.8 /);
    expect(await speaker.ask(`AUTH PLAIN ${plain(address, 'wrong')}`)).toMatch(/^535 5\.7\.8 /);
  });

  test('another envelope sender and another From are refused, the display name is kept', async () => {
    const { address, jwt } = await newAddress('sender');
    const speaker = await enter(jwt, 'jwt');
    expect(await speaker.ask(`MAIL FROM:<other@${DOMAIN}>`)).toMatch(/^553 5\.7\.1 /);
    const foreign = await hand(speaker, `${HELLO(`other@${DOMAIN}`)}.\r\n`, ['bob@rcpt.test'], address);
    expect(foreign).toMatch(/^550 5\.7\.1 /);
    const before = await arrivals();
    expect(await hand(speaker, `${HELLO(address)}.\r\n`, ['bob@rcpt.test'], address)).toMatch(/^250 /);
    const text = (await sink.until(() => sink.messages[before])).bytes.toString();
    expect(text).toContain(`From: A Name <${address}>`);
    expect(text).toMatch(/^Received: from client\.test /);
  });
});

describe('logging in', () => {
  test.each(['jwt', 'default', 'somebody@else.test', ''])('the user name %j does not matter', async user => {
    await enter(key, user);
  });

  test('a wrong key is refused at AUTH', async () => {
    const speaker = await greet();
    expect(await speaker.ask(`AUTH PLAIN ${plain('x', `${key}x`)}`)).toMatch(/^535 5\.7\.8 /);
    expect(await speaker.ask('MAIL FROM:<ada@sender.test>')).toMatch(/^530 5\.7\.0 /);
  });

  test('a key that may not send is refused at AUTH', async () => {
    const { secret } = await makeKey({ name: 'reader', scopes: ['read'] });
    const speaker = await greet();
    expect(await speaker.ask(`AUTH PLAIN ${plain('x', secret)}`)).toBe(
      '535 5.7.8 This key may not send mail.',
    );
  });

  test('a key that is revoked sends nothing more, also where it had logged in', async () => {
    const { id, secret } = await makeKey({ name: 'short-lived' });
    const speaker = await enter(secret);
    for (const line of ['MAIL FROM:<ada@sender.test>', 'RCPT TO:<bob@rcpt.test>', 'DATA'])
      await speaker.ask(line);
    expect((await admin.call('DELETE', `/v1/keys/${id}`)).status).toBeLessThan(300);
    speaker.say(`${MESSAGE}.\r\n`);
    expect(await speaker.reply()).toMatch(/^535 5\.7\.8 /);
    expect(await speaker.ask('MAIL FROM:<ada@sender.test>')).toMatch(/^535 5\.7\.8 /);
  });
});

describe('whom an account sends as', () => {
  test('another envelope sender is refused at MAIL', async () => {
    const speaker = await enter(narrow);
    expect(await speaker.ask('MAIL FROM:<ada@sender.test>')).toMatch(/^553 5\.7\.1 /);
    expect(await speaker.ask('MAIL FROM:<ada@NARROW.test>')).toMatch(/^250 /);
  });

  test('another address in header From is refused at the dot', async () => {
    const speaker = await enter(narrow);
    const answer = await hand(speaker, `${MESSAGE}.\r\n`, ['bob@rcpt.test'], 'ada@narrow.test');
    expect(answer).toMatch(/^550 5\.7\.1 /);
  });
});

test('a message that has passed more than 50 servers goes in a circle', async () => {
  const speaker = await enter();
  const trace = (count: number) => 'Received: by a.test; Sat, 21 Nov 2026 10:00:00 +0000\r\n'.repeat(count);
  expect(await hand(speaker, `${trace(51)}${MESSAGE}.\r\n`)).toMatch(/^554 5\.4\.6 /);
  expect(await hand(speaker, `${trace(50)}${MESSAGE}.\r\n`)).toMatch(/^250 /);
});

test('a message over the size is refused by its declaration, or at the dot', async () => {
  const speaker = await enter();
  expect(await speaker.ask('MAIL FROM:<ada@sender.test> SIZE=33554433')).toMatch(/^552 5\.3\.4 /);
  const line = `${'x'.repeat(998)}\r\n`;
  expect(await hand(speaker, `${MESSAGE}${line.repeat(33_600)}.\r\n`)).toMatch(/^552 5\.3\.4 /);
  expect(await speaker.ask('NOOP')).toMatch(/^250 /);
});

test('what was answered 250 is there after the gate was killed', async () => {
  const speaker = await enter();
  const answers: string[] = [];
  for (let i = 0; i < 20; i++) answers.push(await hand(speaker, `${MESSAGE}.\r\n`));
  gate.kill('SIGKILL');
  await gate.ended;
  gate = await start();
  for (const answer of answers) {
    const id = /queued as (\S+)$/.exec(answer)?.[1] ?? '';
    expect((await apiOf(gate, gate.adminToken).story(id)).id).toBe(id);
  }
});
