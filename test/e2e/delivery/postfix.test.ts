import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from '../../helpers/documents/documents.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { ROOT, type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import type { MailServer } from '../../helpers/mail-servers/mail-server.ts';
import { hasPostfix, startPostfix } from '../../helpers/mail-servers/postfix.ts';
import {
  type Opinion,
  readWithMailparser,
  readWithPython,
} from '../../helpers/mail-servers/second-opinion.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

const WHAT = 'delivery through a real Postfix';

describe.runIf(hasPostfix(WHAT))(WHAT, () => {
  const authority = createTestCa();
  let postfix: MailServer;
  let gate: RunningGate;
  let api: Api;
  beforeAll(async () => {
    const domains = ['example.com', 'example.net', 'rcpt.test'];
    postfix = await startPostfix({ domains, certificate: authority.issue(['127.0.0.1']) });
    gate = await startGate({ smarthost: `127.0.0.1:${postfix.port}` });
    api = apiOf(gate, gate.adminToken);
  });
  afterAll(async () => {
    await gate?.stop();
    await postfix?.stop();
  });

  /** Copies of a message, as soon as there are so many. */
  async function copiesOf(messageId: string, count = 1): Promise<Buffer[]> {
    const find = () =>
      postfix.delivered().filter(mail => headerOf(mail).includes(`Message-ID: ${messageId}\n`));
    return until(() => find().length >= count && find(), `${count} of ${messageId} to be delivered`);
  }

  async function lastMessageId(): Promise<string> {
    const { messages } = await api.ask<{ messages: { messageId: string }[] }>('GET', '/v1/messages?limit=1');
    return messages[0]?.messageId ?? '';
  }

  describe.runIf(needs('the commands of the documents', 'curl'))('by the commands of the documents', () => {
    const commands = {
      powermta: curlCommand('docs/clients.md', '/messages'),
      v1: curlCommand('docs/v1.md', '/v1/messages'),
    };

    test('the PowerMTA sample arrives', async () => {
      const { stdout } = await curl(commands.powermta);
      expect(stdout).toBe('');
      const [mail] = await copiesOf(await lastMessageId());
      await expectOpinion(mail, {
        subject: 'Test',
        from: [['', 'postmaster@sender.com']],
        to: [['', 'nobody@example.com']],
        // A message of one part ends with a line end, whether its text does or not.
        text: 'This is a test\n',
      });
    });

    test('the sample of our own API arrives', async () => {
      const { stdout } = await curl(commands.v1);
      const { messageId, recipients } = JSON.parse(stdout);
      expect(recipients).toEqual([{ address: 'ada@example.net', state: 'queued' }]);
      const [mail] = await copiesOf(messageId);
      await expectOpinion(mail, {
        subject: 'Your order 1001',
        from: [['Shop', 'shop@example.com']],
        to: [['Ada', 'ada@example.net']],
        messageId,
        text: 'Thank you!',
        html: '<p>Thank you!</p>',
      });
    });

    function curl(command: string) {
      const here = command.replaceAll('http://127.0.0.1:8000', gate.http);
      return runProgram('sh', ['-c', here.replace(/^curl /, 'curl --silent --show-error --fail ')], {
        env: { POSTERN_KEY: gate.key },
      });
    }
  });

  test('text, html, an attachment and names of many scripts arrive as they were', async () => {
    const file = randomBytes(100_000);
    const text = `Grüße — 你好 👋\n.\n..two dots\nFrom the start of a line\n${'long '.repeat(400)}\nend  \n`;
    const message = {
      from: { name: 'Jürgen "Jogi" Müller, GmbH', address: 'juergen@sender.test' },
      to: [{ name: '山田太郎', address: 'taro@rcpt.test' }, 'plain@rcpt.test'],
      bcc: 'hidden@rcpt.test',
      subject: `Привет, ${'eine sehr lange Betreffzeile mit Ümläuten, '.repeat(4)}ende`,
      text,
      html: `<p>Grüße <b>${'x'.repeat(1_200)}</b> 👋</p>`,
      attachments: [{ filename: 'Übersicht 你好.bin', content: file.toString('base64') }],
    };
    const { id, messageId } = await api.ask<{ id: string; messageId: string }>(
      'POST',
      '/v1/messages',
      message,
    );
    const copies = await copiesOf(messageId, 3);
    const [mail] = copies;
    await expectOpinion(mail, {
      subject: message.subject,
      from: [[message.from.name, message.from.address]],
      to: [
        ['山田太郎', 'taro@rcpt.test'],
        ['', 'plain@rcpt.test'],
      ],
      messageId,
      text,
      html: message.html,
      attachments: [
        {
          filename: 'Übersicht 你好.bin',
          contentType: 'application/octet-stream',
          sha256: createHash('sha256').update(file).digest('hex'),
        },
      ],
    });
    const copyOfTaro = copies.find(copy => headerOf(copy).includes('Delivered-To: taro@rcpt.test\n'));
    expect(String(copyOfTaro)).not.toContain('hidden@rcpt.test');
    expect((await api.reach(id, 'delivered')).attempts).toMatchObject([
      { phase: 'done', reply: { code: 250 } },
    ]);
  });

  test('what arrives is what we said we send, with nothing but the trace of Postfix before it', async () => {
    const message = {
      from: 'a@sender.test',
      to: 'b@rcpt.test',
      subject: 'Bytes',
      text: '.\n..\n',
      html: '<p>.</p>',
    };
    const { id, messageId } = await api.ask<{ id: string; messageId: string }>(
      'POST',
      '/v1/messages',
      message,
    );
    const [mail] = await copiesOf(messageId);
    const sent = (await api.call('GET', `/v1/messages/${id}/raw`)).text;
    const received = String(mail).replaceAll('\n', '\r\n');
    expect(received.endsWith(sent)).toBe(true);
    const trace = received.slice(0, -sent.length);
    expect(trace.match(/^[A-Za-z-]+(?=:)/gm)).toEqual([
      'Return-Path',
      'X-Original-To',
      'Delivered-To',
      'Received',
    ]);
    expect(trace).toMatch(/^Received: .*\r\n\tby mta\.test \(Postfix\)/m);
  });

  test('a PowerMTA message with cc, bcc and Reply-To arrives', async () => {
    const message = {
      sender: 'bounces@sender.test',
      from: { name: 'Zoë', address: 'zoe@sender.test' },
      to: ['Jim <jim@rcpt.test>'],
      cc: { name: 'Ørsted', address: 'cc@rcpt.test' },
      bcc: 'bcc@rcpt.test',
      replyto: 'answers@sender.test',
      subject: 'Über alles',
      text: 'Füße',
      html: '<p>Füße</p>',
    };
    expect(await api.call('POST', '/messages', message)).toMatchObject({ status: 200, text: '' });
    const messageId = await lastMessageId();
    const copies = await copiesOf(messageId, 3);
    const [mail] = copies;
    await expectOpinion(mail, {
      subject: 'Über alles',
      from: [['Zoë', 'zoe@sender.test']],
      to: [['Jim', 'jim@rcpt.test']],
      messageId,
      text: 'Füße',
      html: '<p>Füße</p>',
    });
    expect(String(mail)).toContain('Return-Path: <bounces@sender.test>\n');
    const owners = copies.map(copy => /^Delivered-To: (.*)$/m.exec(String(copy))?.[1]);
    expect(owners.sort()).toEqual(['bcc@rcpt.test', 'cc@rcpt.test', 'jim@rcpt.test']);
  });

  test('a recipient that Postfix refuses bounces with its words, and the other one gets the mail', async () => {
    const id = await api.send({ from: 'a@sender.test', to: ['b@rcpt.test', 'c@elsewhere.test'], text: 'x' });
    const { recipients } = await api.reach(id, 'delivered', 'bounced');
    expect(recipients).toMatchObject([
      { address: 'b@rcpt.test', state: 'delivered', lastReply: { code: 250, enhanced: '2.0.0' } },
      { address: 'c@elsewhere.test', state: 'bounced', lastReply: { code: 554, enhanced: '5.7.1' } },
    ]);
  });

  test('goes over STARTTLS to a provider that wants it', async () => {
    const settings = { host: '127.0.0.1', port: postfix.port, encryption: 'tls', caPem: authority.cert };
    await api.addProvider({ ...settings, priority: 0, senderDomains: ['tls.test'] });
    const [smarthost] = (await api.ask<{ providers: { id: number }[] }>('GET', '/v1/providers')).providers;
    await api.ask('PATCH', `/v1/providers/${smarthost?.id}`, { priority: 1 });
    const message = { from: 'a@tls.test', to: 'b@rcpt.test', text: 'x' };
    const { messageId } = await api.ask<{ messageId: string }>('POST', '/v1/messages', message);
    const [mail] = await copiesOf(messageId);
    expect(String(mail)).toMatch(/^\t\(using TLSv1\.[23] with cipher /m);
  });
});

/** Two parsers that are not ours agree with what was handed in. */
async function expectOpinion(mail: Buffer | undefined, expected: Partial<Opinion>): Promise<void> {
  if (mail === undefined) throw new Error('There is no mail.');
  expect(await readWithMailparser(mail)).toMatchObject(expected);
  if (needs('a second opinion on messages', 'python3'))
    expect(await readWithPython(mail)).toMatchObject(expected);
}

/** Unfolded. */
function headerOf(mail: Buffer): string {
  return mail.toString('latin1', 0, mail.indexOf('\n\n') + 1).replace(/\n(?=[ \t])/g, '');
}

/** The first command of a document that sends to a path, word for word. */
function curlCommand(document: string, path: string): string {
  const { blocks } = parseDocument(document, readFileSync(join(ROOT, document), 'utf8'));
  const found = blocks.find(({ text }) => text.startsWith(`curl http://127.0.0.1:8000${path} -`));
  if (found === undefined) throw new Error(`${document} has no command that sends to ${path}`);
  return found.text;
}
