import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

describe('messages in /v1', () => {
  let sink: SmtpSink;
  let gate: ServedGate;
  let api: Api;
  let isRefusing = false;
  let provider = 0;

  beforeAll(async () => {
    sink = await startSmtpSink({
      answer: ({ stage }) => (isRefusing && stage === 'mail' ? '451 4.3.0 later' : undefined),
    });
    gate = await startServe();
    api = apiOf(gate, gate.adminToken);
    const { providers } = await api.ask<{ providers: { id: number }[] }>('GET', '/v1/providers');
    const { host, port } = sink;
    provider = await api.addProvider({ host, port, encryption: 'none' });
    for (const { id } of providers) await api.ask('DELETE', `/v1/providers/${id}`);
  });
  afterAll(async () => {
    await gate.stop();
    await sink.close();
  });

  const mail = (more: object = {}) => ({ from: 'shop@shop.test', to: 'a@x.test', text: 'Hello', ...more });
  const bulk = <T>(action: string, body: object) => api.ask<T>('POST', `/v1/messages/${action}`, body);

  /** Pauses the provider, and waits until its attempts have ended. */
  async function untilPaused(): Promise<void> {
    await api.ask('POST', `/v1/providers/${provider}/pause`);
    await until(async () => {
      const { providers } = await api.ask<{ providers: { active: number }[] }>('GET', '/v1/overview');
      return providers.every(({ active }) => active === 0);
    }, 'all attempts to end');
  }

  it('are returned as parts, with inline images in the HTML', async () => {
    const id = await api.send(
      mail({
        ...{ subject: 'Grüße', html: '<p>Hi <img src="cid:logo"><img src="https://evil.test/t.gif">' },
        attachments: [
          { filename: 'logo.png', contentType: 'image/png', content: 'iVBORw==', cid: 'logo' },
          { filename: 'Rechnung.pdf', contentType: 'application/pdf', content: 'JVBERi0=' },
        ],
      }),
    );
    const parts = await api.ask<{ attachments: object[] }>('GET', `/v1/messages/${id}/parts`);
    expect(parts).toMatchObject({ subject: 'Grüße', from: 'shop@shop.test', hasHtml: true });
    expect(parts.attachments).toEqual([
      { index: 0, filename: 'logo.png', contentType: 'image/png', size: 4, isInline: true },
      { index: 1, filename: 'Rechnung.pdf', contentType: 'application/pdf', size: 5, isInline: false },
    ]);
    const html = await api.call('GET', `/v1/messages/${id}/parts/html`);
    expect(html.text).toContain('src="data:image/png;base64,iVBORw=="');
    expect(html.headers.get('content-security-policy')).toMatch(
      /^sandbox; default-src 'none'; img-src data:;/,
    );
    expect((await api.call('GET', `/v1/messages/${id}/parts/1`)).text).toBe('%PDF-');
    expect((await api.call('GET', `/v1/messages/${id}/parts/9`)).status).toBe(404);
  });

  it('are hidden from other accounts', async () => {
    const id = await api.send(mail());
    const { secret } = await api.ask<{ secret: string }>('POST', '/v1/keys', {
      ...{ account: 'other', name: 'x', scopes: ['send', 'read'], newAccount: { allowedSenders: ['*'] } },
    });
    const other = apiOf(gate, secret);
    expect((await other.call('GET', `/v1/messages/${id}/parts`)).status).toBe(404);
    for (const path of [`/v1/messages/${id}/resend`, '/v1/messages/retry', '/v1/messages/cancel']) {
      expect((await other.call('POST', path, {})).status).toBe(403);
    }
    expect(await other.ask('GET', '/v1/messages?account=1')).toEqual({ messages: [], next: null });
  });

  it('are resent to another recipient with the same content and Resent fields', async () => {
    const id = await api.send(mail({ subject: 'Twice', tags: ['t'] }));
    const first = await api.reach(id, 'delivered');
    const again = await api.ask<{ id: string; messageId: string }>('POST', `/v1/messages/${id}/resend`, {
      recipients: ['b@y.test'],
    });
    expect(again.messageId).toBe(first.messageId);
    const story = await api.reach(again.id, 'delivered');
    expect(story.recipients.map(({ address }) => address)).toEqual(['b@y.test']);
    const [original = '', sent = ''] = await Promise.all(
      [id, again.id].map(async one => (await api.call('GET', `/v1/messages/${one}/raw`)).text),
    );
    expect(sent.endsWith(original)).toBe(true);
    expect(sent.slice(0, -original.length)).toMatch(
      /^Resent-Date: .*\r\nResent-From: shop@shop\.test\r\nResent-To: b@y\.test\r\nResent-Message-ID: <\w+@shop\.test>\r\n$/,
    );
    expect(story.events[0]?.data).toMatchObject({ resentOf: id });
  });

  it('are counted, retried and cancelled by filter, 500 at a time', async () => {
    isRefusing = true;
    const messages = Array.from({ length: 1_203 }, () => mail({ tags: ['bulk'], to: 'c@z.test' }));
    const ids = await api.sendMany(messages);
    const filter = { tag: 'bulk', recipient: '@z.test' };
    const deferred = { filter: { ...filter, state: 'deferred' }, dryRun: true };
    await until(
      async () => (await bulk<{ count: number }>('cancel', deferred)).count === ids.length,
      'all to be deferred',
    );
    // A message cannot be cancelled while an attempt is in progress.
    await untilPaused();
    expect(await bulk('cancel', { filter, dryRun: true })).toEqual({ count: 1_203, isExact: true });
    expect(await bulk('retry', { filter: { tag: 'no' }, dryRun: true })).toEqual({ count: 0, isExact: true });
    const slices: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const body: object = { filter, ...(cursor !== undefined && { cursor }) };
      const slice = await bulk<{ done: number; skipped: number; next: string | null }>('cancel', body);
      expect(slice.skipped).toBe(0);
      slices.push(slice.done);
      cursor = slice.next;
    }
    expect(slices).toEqual([500, 500, 203]);
    await api.ask('POST', '/v1/providers/resume');
    const again = await api.send(mail({ tags: ['again'] }));
    await api.reach(again, 'deferred');
    isRefusing = false;
    const retried = await bulk('retry', { filter: { tag: 'again', state: 'deferred' } });
    expect(retried).toMatchObject({ done: 1, next: null });
    await api.reach(again, 'delivered');
    await api.reachEmptyQueue();
  });
});
