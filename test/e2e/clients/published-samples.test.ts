import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

// What the pages of the APIs tell people to send, sent with the programs they name, but for hosts and credentials.
// Browsers are in browser.test.ts, PHP in turbosmtp-examples.test.ts, the providers API in providers-api-samples.test.ts.

const ca = createTestCa();
let folder = '';
let sink: SmtpSink;
let gate: RunningGate;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-published-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca.cert);
  sink = await startSmtpSink({
    tls: { mode: 'implicit', certificate: ca.issue(['localhost']) },
    users: { 'your_email@example.com': 'your_password' },
  });
  gate = await startGate({ env: { NODE_EXTRA_CA_CERTS: caFile } });
});
afterAll(async () => {
  await gate?.stop();
  await sink?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(program: 'bash' | 'python3', text: string, env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, ['-c', text], { env });
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

const curl = (text: string) => run('bash', text, { HOST: gate.http, KEY: gate.key, PORT: `${sink.port}` });

/** The one message of that subject in the inbox, with its decoded parts. */
async function captured(subject: string): Promise<Record<string, unknown>> {
  const api = apiOf(gate);
  const id = await until(async () => {
    const { messages } = await api.ask<{ messages: { id: string; subject: string }[] }>('GET', '/inbox');
    return messages.find(message => message.subject === subject)?.id;
  }, `"${subject}" to be in the inbox`);
  return api.ask('GET', `/inbox/${id}`);
}

describe.runIf(needs('the published samples in curl', 'curl'))('the published sample in curl', () => {
  test('of turboSMTP, whose spaces are no part of a form', async () => {
    const answer = await curl(
      'curl --header "authuser:default" --header "authpass:$KEY" --data "to=john.smith@domain.com&subject=email subject string&from=john.smith@domain.com&bcc=mark.davies@domain.com&cc=mary.davies@domain.com&content=content email&html_content=html content of email" $HOST/api/mail/send',
    );
    expect(answer).toMatch(/^\{"message":"OK","mid":\d+\}$/);
    expect(await captured('email subject string')).toMatchObject({
      envelope: {
        sender: 'john.smith@domain.com',
        recipients: ['john.smith@domain.com', 'mary.davies@domain.com', 'mark.davies@domain.com'],
      },
      cc: 'mary.davies@domain.com',
      text: expect.stringContaining('content email'),
      html: expect.stringContaining('html content of email'),
    });
  });

  test('of SMTP Mailer, with a server that speaks TLS', async () => {
    const answer = await curl(`curl -X POST $HOST/api/smtp \\
      -H "Content-Type: application/json" \\
      -H "Authorization: Basic $(echo -n 'your_email@example.com:your_password' | base64)" \\
      -H "X-SMTP-Server: localhost" \\
      -H "X-SMTP-Port: $PORT" \\
      -H "X-SMTP-Secure: true" \\
      -d '{
        "from": "your_email@testapi.com",
        "to": "to_email@gmail.com",
        "cc": "cc_email@gmail.com",
        "subject": "Test Api",
        "text": "Hello, Test Email From API"
      }'`);
    expect(JSON.parse(answer)).toMatchObject({
      message: 'Email sent successfully',
      info: { accepted: ['to_email@gmail.com', 'cc_email@gmail.com'], rejected: [] },
    });
    expect(sink.sessions[0]?.user).toBe('your_email@example.com');
    expect(sink.messages[0]).toMatchObject({ sender: 'your_email@testapi.com' });
    expect(String(sink.messages[0]?.bytes)).toContain('Hello, Test Email From API');
  });
});

/** What the samples of a page call `requests.post`, by Python's standard library alone; prints status and text. */
const POST = `
import hashlib, hmac, base64, json, os, urllib.request
def post(path, headers, **message):
    request = urllib.request.Request(os.environ["HOST"] + path, json.dumps(message).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        print(answer.status, answer.read().decode())
`;

/** Nothing but HMAC-SHA-256, as RFC 7515 puts it together. */
const SIGN = `
def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
def make_jwt(payload, secret):
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(payload).encode())
    return (text + b"." + part(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()
jwt = make_jwt({"address": os.environ["ADDRESS"]}, os.environ["SECRET"])
`;

const python = (text: string, env: Record<string, string> = {}) =>
  run('python3', POST + text, { HOST: gate.http, ...env });

describe.runIf(needs('the published samples in Python', 'python3'))('the published sample in Python', () => {
  test('of the PowerMTA Email API, with a display name in a string', async () => {
    const answer = await python(`post("/messages", {"content-type": "application/json"}, **{
        'from': 'Jim <jim@foo.bar>',
        'to': 'you@example.com',
        'subject': 'test',
        'text': 'This is a test'})`);
    expect(answer).toBe('200 \n');
    expect(await captured('test')).toMatchObject({
      envelope: { sender: 'jim@foo.bar', recipients: ['you@example.com'] },
      from: 'Jim <jim@foo.bar>',
      text: expect.stringContaining('This is a test'),
    });
  });

  test('of temp-mail, whose JWT is in a header or in the body and was made by hmac', async () => {
    const answer = await python(
      `${SIGN}
letter = {"from_name": "Sender Name", "to_name": "Recipient Name", "to_mail": "you@example.com",
          "is_html": False, "content": "<Email content: html or text>"}
post("/api/send_mail", {"Authorization": f"Bearer {jwt}", "Content-Type": "application/json"}, subject="By header", **letter)
post("/external/api/send_mail", {"Content-Type": "application/json"}, subject="By body", token=jwt, **letter)`,
      await newAddress('http'),
    );
    expect(answer).toBe('200 {"status":"ok"}\n200 {"status":"ok"}\n');
    for (const subject of ['By header', 'By body']) {
      expect(await captured(subject)).toMatchObject({
        from: 'Sender Name <http@temp-mail.test>',
        to: 'Recipient Name <you@example.com>',
        text: expect.stringContaining('<Email content: html or text>'),
      });
    }
  });

  test('of its SMTP, with such a JWT for a password', async () => {
    const [SMTP_HOST = '', SMTP_PORT = ''] = gate.smtp.split(':');
    const env = { ...(await newAddress('smtp')), SMTP_HOST, SMTP_PORT };
    await python(
      `${SIGN}
import smtplib
from email.mime.text import MIMEText
from email.mime.multipart import MIMEMultipart

with smtplib.SMTP(os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])) as smtp:
    smtp.login("jwt", jwt)
    message = MIMEMultipart()
    message['From'] = f"Me <{os.environ['ADDRESS']}>"
    message['To'] = "Admin <admin@example.com>"
    message['Subject'] = "Test Subject"
    message.attach(MIMEText("Test Content", 'html'))
    smtp.sendmail(os.environ["ADDRESS"], "admin@example.com", message.as_string())`,
      env,
    );
    expect(await captured('Test Subject')).toMatchObject({
      envelope: { sender: 'smtp@temp-mail.test', recipients: ['admin@example.com'] },
      html: expect.stringContaining('Test Content'),
    });
  });

  async function newAddress(name: string): Promise<Record<string, string>> {
    const { address } = await apiOf(gate).ask<{ address: string }>('POST', '/api/new_address', { name });
    return { ADDRESS: address, SECRET: gate.tempMail.jwtSecret };
  }
});
