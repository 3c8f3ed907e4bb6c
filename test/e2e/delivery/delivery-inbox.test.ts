import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { readWithMailparser } from '../../helpers/mail-servers/second-opinion.ts';

// The inbox of development mode, by every way of looking into it.

let gate: RunningGate;
let api: Api;
beforeAll(async () => {
  gate = await startGate();
  api = apiOf(gate, gate.key);
});
afterAll(() => gate.stop());

const MESSAGE = {
  from: 'Zoë <zoe@sender.test>',
  to: ['Bob <bob@rcpt.test>', 'eve@rcpt.test'],
  bcc: 'hidden@rcpt.test',
  subject: 'Grüße <b>',
  text: 'Füße & more',
  html: '<p onclick="alert(1)">Füße</p><script>alert(2)</script>',
  attachments: [{ filename: 'notes.txt', contentType: 'text/plain', content: btoa('some notes') }],
};

/** Sends the message and waits until it is in the inbox; resolves with its id. */
async function capture(): Promise<string> {
  const id = await api.send(MESSAGE);
  await until(async () => (await listed()).includes(id), 'the message to be in the inbox');
  return id;
}

async function listed(): Promise<string[]> {
  const { messages } = await api.ask<{ messages: { id: string }[] }>('GET', '/inbox');
  return messages.map(({ id }) => id);
}

test('shows a message to programs, decoded, with its envelope', async () => {
  const id = await capture();
  expect(JSON.parse((await api.call('GET', `/inbox/${id}`)).text)).toMatchObject({
    id,
    envelope: {
      sender: 'zoe@sender.test',
      recipients: ['bob@rcpt.test', 'eve@rcpt.test', 'hidden@rcpt.test'],
    },
    from: 'Zoë <zoe@sender.test>',
    to: 'Bob <bob@rcpt.test>, eve@rcpt.test',
    subject: MESSAGE.subject,
    text: MESSAGE.text,
    html: expect.stringContaining(MESSAGE.html),
    attachments: [{ filename: 'notes.txt', contentType: 'text/plain', size: 10 }],
  });
  const attachment = await api.call('GET', `/inbox/${id}/attachments/0`);
  expect(attachment.text).toBe('some notes');
  expect(attachment.headers.get('content-disposition')).toMatch(/^attachment/);
});

test('shows a message to people, and runs nothing of it', async () => {
  const id = await capture();
  const html = { accept: 'text/html' };
  const list = await api.call('GET', '/inbox', undefined, html);
  expect(list.headers.get('content-type')).toMatch(/^text\/html/);
  expect(list.text).toContain('Grüße &lt;b&gt;');
  const page = (await api.call('GET', `/inbox/${id}`, undefined, html)).text;
  expect(page).toContain('Füße &amp; more');
  expect(page).toContain(`<iframe sandbox="" title="The message" src="/inbox/${id}/html">`);
  expect(page).not.toContain('alert(');
  const preview = await api.call('GET', `/inbox/${id}/html`, undefined, html);
  expect(preview.text).toContain('Füße');
  expect(preview.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
});

test('shows its source, which another parser reads as the same message', async () => {
  const id = await capture();
  const { text } = await api.call('GET', `/inbox/${id}/raw`);
  const { subject, text: body } = await readWithMailparser(Buffer.from(text));
  expect([subject, body]).toEqual([MESSAGE.subject, MESSAGE.text]);
  expect(text).not.toContain('hidden@rcpt.test');
});

test('says that what it took is delivered, and keeps it from nobody who asks without a key on this machine', async () => {
  const id = await capture();
  expect((await api.reach(id, 'delivered')).attempts).toMatchObject([
    { phase: 'done', reply: { code: 250 } },
  ]);
  const keyless = apiOf(gate);
  expect(await keyless.call('GET', '/inbox')).toMatchObject({ status: 200 });
  const evil = { origin: 'https://evil.example' };
  expect(await keyless.call('GET', '/inbox', undefined, evil)).toMatchObject({ status: 401 });
});

test('pages through what it has, newest first', async () => {
  const ids = [await capture(), await capture(), await capture()].reverse();
  const first = JSON.parse((await api.call('GET', '/inbox?limit=2')).text);
  const second = JSON.parse((await api.call('GET', `/inbox?limit=1&cursor=${first.next}`)).text);
  const seen = [...first.messages, ...second.messages].map(({ id }) => id);
  expect(seen).toEqual(ids);
});
