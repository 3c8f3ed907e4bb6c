import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTurbosmtpGate, type TurbosmtpGate } from '../helpers/gates/turbosmtp-gate.ts';

// What turboSMTP's clients send, by HTTP into a real store, and the messages that are made of it.

const V1 = '/api/mail/send';
const V2 = '/api/v2/mail/send';
const GOOD = { from: 'Shop <shop@sender.test>', to: 'ada@rcpt.test' };
const MIB = 1024 * 1024;

let gate: TurbosmtpGate;
beforeAll(async () => {
  gate = await startTurbosmtpGate();
});
afterAll(() => gate.close());

async function post(path: string, body: object | string, headers: Record<string, string> = {}) {
  const response = await fetch(gate.http + path, {
    method: 'POST',
    headers: { authuser: gate.user, authpass: gate.key, ...headers },
    body: body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** Sends a message that is taken; resolves with what the store has of it. */
async function send(fields: object | string, path = V1) {
  const { status, text } = await post(path, fields);
  expect(text).toMatch(/^\{"message":"OK","mid":\d{16,19}\}$/);
  expect(status).toBe(200);
  return gate.accepted(BigInt(/\d+/.exec(text)?.[0] ?? ''));
}

describe('a message', () => {
  test('is durable under the mid that was given, with an envelope of everybody once', async () => {
    const { message } = await send({ ...GOOD, cc: 'bob@rcpt.test', bcc: 'eve@rcpt.test,ADA@rcpt.test' });
    expect(message.dialect).toBe('turbosmtp');
    expect(message.sender).toBe('shop@sender.test');
    expect(message.recipients.map(({ address }) => address)).toEqual([
      ...['ada@rcpt.test', 'bob@rcpt.test', 'eve@rcpt.test', 'ADA@rcpt.test'],
    ]);
  });

  test('never shows bcc', async () => {
    const { mime, email } = await send({
      ...GOOD,
      bcc: 'eve@rcpt.test',
      custom_headers: { Bcc: 'eve@rcpt.test' },
    });
    expect(mime.toString()).not.toMatch(/bcc|eve@/i);
    expect(email.to).toEqual([{ name: '', address: 'ada@rcpt.test' }]);
  });

  test('with text and html has them as alternatives', async () => {
    const { email, mime } = await send({
      ...GOOD,
      subject: 'Grüße',
      content: 'ä',
      html_content: '<p>ä</p>',
    });
    expect(mime.toString()).toContain('Content-Type: multipart/alternative');
    expect(email).toMatchObject({
      subject: 'Grüße',
      text: 'ä',
      html: expect.stringContaining('<p>ä</p>'),
    });
  });

  test.each([
    ['text', { content: 'only' }, 'text/plain'],
    ['html', { html_content: '<b>' }, 'text/html'],
  ])('with %s alone has that alone', async (_what, body, type) => {
    const { mime } = await send({ ...GOOD, ...body });
    expect(mime.toString()).toContain(`Content-Type: ${type}`);
    expect(mime.toString()).not.toContain('multipart');
  });

  test('without a body has an empty text', async () => {
    const { email, mime } = await send(GOOD);
    expect([email.text ?? '', email.html]).toEqual(['', undefined]);
    expect(mime.toString()).toMatch(/Content-Type: text\/plain[\s\S]*\r\n\r\n\s*$/);
    expect(mime.toString()).not.toMatch(/undefined|null/);
  });

  test('has its custom headers, a valid Date and Message-Id, and notes what was ignored', async () => {
    const { message, email } = await send({
      ...GOOD,
      custom_headers: {
        ...{ 'X-One': '1', 'Reply-To': 'r@sender.test', From: 'evil@rcpt.test', 'Content-Type': 'x' },
        ...{ Date: 'Wed, 02 Jan 2030 03:04:05 +0000', 'Message-Id': '<own@sender.test>' },
      },
    });
    expect(email.headers).toContainEqual(expect.objectContaining({ key: 'x-one', value: '1' }));
    expect(email).toMatchObject({
      from: { name: 'Shop', address: 'shop@sender.test' },
      replyTo: [{ address: 'r@sender.test' }],
      date: '2030-01-02T03:04:05.000Z',
      messageId: '<own@sender.test>',
    });
    expect(message.messageIdHeader).toBe('<own@sender.test>');
    const events = await gate.store.history.events({ after: '0', limit: 1_000, messageId: message.id });
    expect(events[0]?.data).toMatchObject({ ignoredHeaders: ['From', 'Content-Type'] });
  });

  test('of version 2 keeps its references', async () => {
    const { message } = await send({ ...GOOD, reference_id: 'r7', 'X-campaign-ID': 'spring' }, V2);
    expect(message.metadata).toEqual({ referenceId: 'r7', campaignId: 'spring' });
  });
});

describe('a file', () => {
  const octets = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const base64 = octets.toString('base64');
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

  test('arrives as it was, from JSON, from a data: URI and from both kinds of form', async () => {
    const file = { name: 'ü.png', type: 'image/png' };
    const upload = new FormData();
    for (const [name, value] of Object.entries(GOOD)) upload.set(name, value);
    upload.set('attachments[]', new Blob([octets], { type: file.type }), file.name);
    const form = new URLSearchParams({
      ...GOOD,
      'attachments[0][name]': file.name,
      'attachments[0][type]': file.type,
      'attachments[0][content]': base64,
    });
    const ways = [
      { ...GOOD, attachments: [{ ...file, content: base64 }] },
      { ...GOOD, attachments: [{ name: file.name, content: `data:image/png;base64,${base64}` }] },
      upload,
      form.toString(),
    ];
    for (const way of ways) {
      const { email } = await send(way);
      const [attachment] = email.attachments;
      expect(attachment).toMatchObject({
        filename: 'ü.png',
        mimeType: 'image/png',
        disposition: 'attachment',
      });
      expect(sha256(new Uint8Array(attachment?.content as ArrayBuffer))).toBe(sha256(octets));
    }
  });

  test('with a content_id stands inline beside the html that refers to it', async () => {
    const { email, mime } = await send({
      ...GOOD,
      html_content: '<img src="cid:logo@sender.test">',
      attachments: [{ name: 'logo.png', type: 'image/png', content: base64, content_id: 'logo' }],
    });
    expect(mime.toString()).toContain('Content-Type: multipart/related');
    expect(email.attachments).toMatchObject([
      { contentId: '<logo@sender.test>', disposition: 'inline', related: true },
    ]);
  });
});

describe('a mime_raw', () => {
  test('keeps its body and its other headers, under the header of the API', async () => {
    const raw =
      'From: old@x.test\nTo: old@x.test\nCc: old@x.test\nBcc: old@x.test\nSubject: Old\nMessage-ID: <old@x.test>\n' +
      'MIME-Version: 1.0\nX-Own: raw\nDate: Wed, 02 Jan 2030 03:04:05 +0000\n' +
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nFrom the text\n--b\nContent-Disposition: attachment; filename=a\n\nx\n--b--\n';
    const { email, mime } = await send({
      ...{ ...GOOD, cc: 'bob@rcpt.test', subject: 'New', mime_raw: raw, content: 'not this' },
      custom_headers: { 'x-own': 'API' },
    });
    expect(email).toMatchObject({
      from: { address: 'shop@sender.test' },
      to: [{ address: 'ada@rcpt.test' }],
      cc: [{ address: 'bob@rcpt.test' }],
      subject: 'New',
      date: '2030-01-02T03:04:05.000Z',
      text: 'From the text\n',
      attachments: [{ filename: 'a' }],
    });
    const text = mime.toString();
    expect(text).not.toMatch(/old@x|Old|not this|X-Own: raw|(?<!\r)\n/);
    expect(text.endsWith(raw.slice(raw.indexOf('\n\n')).replaceAll('\n', '\r\n'))).toBe(true);
    expect(text.match(/^(?:Message-ID|MIME-Version|x-own):/gim)).toHaveLength(3);
  });
});

describe('a composed message that is too large', () => {
  test.each([
    [V1, 4],
    [V2, 24],
  ])('at %s is one of more than %d MiB', async (path, mebibytes) => {
    // Base64 in lines of 76 characters and their CRLF, with room for the header.
    const sizeFor = (bytes: number) => Math.floor((bytes * 76 * 3) / (78 * 4));
    const fileOf = (size: number) => ({ content: Buffer.alloc(size).toString('base64') });
    const { message } = await send(
      { ...GOOD, attachments: [fileOf(sizeFor(mebibytes * MIB) - 2_000)] },
      path,
    );
    expect(message.size).toBeLessThanOrEqual(mebibytes * MIB);
    const refused = await post(path, { ...GOOD, attachments: [fileOf(sizeFor(mebibytes * MIB) + 1_000)] });
    expect(refused).toEqual({ status: 413, text: '{"message":"error","errors":["message too large"]}' });
  });
});

describe('credentials', () => {
  test('of an account that was disabled are refused with its name, until it is enabled again', async () => {
    const [account] = await gate.store.registry.list('account');
    const setEnabled = (isEnabled: boolean) =>
      gate.store.registry.change('account', account?.id ?? 0, old => ({ ...old, isEnabled }));
    await setEnabled(false);
    for (const path of [V1, V2]) {
      expect(await post(path, GOOD)).toEqual({
        status: 401,
        text: `{"errorCode":2,"message":"Account for ${gate.user} is inactive"}`,
      });
    }
    await setEnabled(true);
    expect((await post(V1, GOOD)).status).toBe(200);
  });

  test('need the name of the account beside its key', async () => {
    for (const wrong of [{ authuser: 'another' }, { authpass: `${gate.key}x` }]) {
      expect(await post(V1, GOOD, wrong)).toEqual({
        status: 401,
        text: '{"errorCode":3,"message":"Wrong credentials specified"}',
      });
    }
  });
});

test('is told at once when the store cannot be written, and nothing was accepted', async () => {
  const closed = await startTurbosmtpGate();
  const ask = () =>
    fetch(closed.http + V2, {
      method: 'POST',
      headers: { consumerKey: closed.user, consumerSecret: closed.key },
      body: JSON.stringify(GOOD),
    });
  expect((await ask()).status).toBe(200);
  await closed.store.close();
  const answer = await ask();
  expect([answer.status, await answer.text()]).toEqual([
    503,
    '{"message":"error","errors":["SERVER_UNAVAILABLE"]}',
  ]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  await closed.close();
});
