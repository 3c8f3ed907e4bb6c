import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate } from '../../helpers/gates/gate.ts';
import { signJwt } from '../../helpers/gates/temp-mail-rig.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { needs } from '../../helpers/programs/outside.ts';

const LETTER = { to_mail: 'you@example.com', subject: 'Hello', content: '<b>Text</b>', is_html: true };
const OK = { status: 200, text: '{"status":"ok"}' };

// The sample of the documentation, with a host, a port, a JWT and an address.
const SMTP_SAMPLE = `
import smtplib, sys
from email.mime.text import MIMEText
from email.mime.multipart import MIMEMultipart
host, port, jwt, address = sys.argv[1:]
with smtplib.SMTP(host, int(port)) as smtp:
    smtp.login("jwt", jwt)
    message = MIMEMultipart()
    message['From'] = f"Me <{address}>"
    message['To'] = "Admin <admin@example.com>"
    message['Subject'] = "Test Subject"
    message.attach(MIMEText("Test Content", 'html'))
    smtp.sendmail(address, "admin@example.com", message.as_string())
`;

let sink: SmtpSink;
let gate: RunningGate;
let api: Api;
/** What the far end says to RCPT of an address, by its local part. */
const REFUSALS: Readonly<Record<string, string>> = {
  nobody: '550 5.1.1 No such user',
  busy: '451 4.2.0 Come back later',
};

beforeAll(async () => {
  sink = await startSmtpSink({
    answer: ({ stage, line }) => (stage === 'rcpt' ? REFUSALS[/<(\w+)@/.exec(line)?.[1] ?? ''] : undefined),
  });
  gate = await startGate({ smarthost: `127.0.0.1:${sink.port}` });
  api = apiOf(gate);
});
afterAll(async () => {
  await gate.stop();
  await sink.close();
});

async function open(name: string): Promise<{ address: string; jwt: string; authorization: string }> {
  const made = await api.ask<{ address: string; jwt: string }>('POST', '/api/new_address', { name });
  return { ...made, authorization: `Bearer ${made.jwt}` };
}

async function call(
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const { status, text } = await api.call(method, path, body, headers);
  return { status, text };
}

async function balanceOf(authorization: string): Promise<number> {
  const { text } = await call('GET', '/api/settings', undefined, { authorization });
  return (JSON.parse(text) as { send_balance: number }).send_balance;
}

describe('a development gate', () => {
  test('gives an address, whose JWT sends', async () => {
    const { address, authorization } = await open('first');
    expect(address).toBe(`first@${gate.tempMail.domains[0]}`);
    expect(await call('POST', '/api/send_mail', LETTER, { authorization })).toEqual(OK);
    const message = await sink.until(() => sink.messages.find(({ sender }) => sender === address));
    expect(message.recipients).toEqual(['you@example.com']);
    expect(String(message.bytes)).toContain('<b>Text</b>');
    expect(await balanceOf(authorization)).toBe(9);
  });

  test('takes a JWT that anybody made with its secret', async () => {
    const { address } = await open('second');
    const token = signJwt({ address }, { secret: gate.tempMail.jwtSecret });
    expect(await call('POST', '/external/api/send_mail', { token, ...LETTER })).toEqual(OK);
  });

  test('knows its administrator', async () => {
    const headers = { 'x-admin-auth': gate.tempMail.adminPassword };
    expect(await call('GET', '/admin/account_settings', undefined, headers)).toMatchObject({ status: 200 });
  });

  test('passes on what the far end refuses for good, and nothing is spent', async () => {
    const { authorization } = await open('third');
    const letter = { ...LETTER, to_mail: 'nobody@example.com' };
    expect(await call('POST', '/api/send_mail', letter, { authorization })).toEqual({
      status: 400,
      text: 'Failed to send mail 550 5.1.1 No such user',
    });
    expect(await balanceOf(authorization)).toBe(10);
  });

  test('goes on with what the far end only puts off', async () => {
    const { authorization } = await open('fourth');
    const letter = { ...LETTER, to_mail: 'busy@example.com' };
    expect(await call('POST', '/api/send_mail', letter, { authorization })).toEqual(OK);
    expect(await balanceOf(authorization)).toBe(9);
  });
});

describe.runIf(needs('temp-mail by Python', 'python3'))('the documented Python client', () => {
  test('sends by SMTP with the JWT', async () => {
    const { address, jwt, authorization } = await open('python');
    const [host = '', port = ''] = gate.smtp.split(':');
    const ended = spawnSync('python3', ['-c', SMTP_SAMPLE, host, port, jwt, address], { encoding: 'utf8' });
    expect(ended.stderr).toBe('');
    const message = await sink.until(() => sink.messages.find(({ sender }) => sender === address));
    expect(String(message.bytes)).toContain('Test Content');
    expect(await balanceOf(authorization)).toBe(9);
    const sent = await call('GET', '/api/sendbox?limit=1&offset=0', undefined, { authorization });
    const { results } = JSON.parse(sent.text) as { results: { raw: string }[] };
    expect(JSON.parse(results[0]?.raw ?? '')).toMatchObject({
      version: 'v2',
      from_name: 'Me',
      to_name: 'Admin',
      to_mail: 'admin@example.com',
      subject: 'Test Subject',
      is_html: true,
    });
  });
});
