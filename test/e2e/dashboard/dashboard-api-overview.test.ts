import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpuSecondsOf } from '../../../bench/processes.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

interface Overview {
  readonly stepMs: number;
  readonly buckets: readonly (Readonly<Record<string, number>> & { readonly at: string })[];
  readonly totals: Readonly<Record<string, number>>;
  readonly timeToDelivery: { readonly p50Ms: number; readonly p99Ms: number; readonly count: number };
  readonly queue: readonly { readonly provider: number | null; readonly waiting: number }[];
  readonly providers: readonly { readonly id: number; readonly health: string }[];
}

const mailTo = (...to: string[]) => ({ from: 'shop@shop.test', to, text: 'x' });

describe('the overview of a gate', () => {
  let sink: SmtpSink;
  let gate: ServedGate;
  let api: Api;
  let provider: number;

  beforeAll(async () => {
    sink = await startSmtpSink({
      answer: ({ stage, line }) =>
        stage === 'rcpt' && line.includes('nobody') ? '550 5.1.1 =no such user' : undefined,
    });
    gate = await startServe();
    api = apiOf(gate, gate.adminToken);
    const { providers } = await api.ask<{ providers: { id: number }[] }>('GET', '/v1/providers');
    const { host, port } = sink;
    provider = await api.addProvider({ host, port, encryption: 'none', maxPerDay: 100 });
    for (const { id } of providers) await api.ask('DELETE', `/v1/providers/${id}`);
    await api.reach(await api.send(mailTo('a@x.test', 'b@y.test')), 'delivered');
    await api.reach(await api.send(mailTo('nobody@x.test')), 'bounced');
    await until(async () => (await overview()).totals['bounced'] === 1, 'the figures to be up to date');
  });
  afterAll(async () => {
    await gate.stop();
    await sink.close();
  });

  const overview = (query = '') => api.ask<Overview>('GET', `/v1/overview${query}`);

  it('counts the results of recipients in the hours of a day', async () => {
    const { stepMs, buckets, totals, timeToDelivery } = await overview();
    expect([stepMs, buckets.length]).toEqual([3_600_000, expect.any(Number)]);
    expect([24, 25]).toContain(buckets.length);
    expect(totals).toMatchObject({ accepted: 3, delivered: 2, bounced: 1, failed: 0 });
    expect(buckets.reduce((sum, bucket) => sum + (bucket['accepted'] ?? 0), 0)).toBe(3);
    expect(timeToDelivery.count).toBe(2);
    expect(timeToDelivery.p50Ms).toBeGreaterThan(0);
    expect(timeToDelivery.p99Ms).toBeGreaterThanOrEqual(timeToDelivery.p50Ms);
  });

  it('counts for a domain, a provider, an account and a range', async () => {
    const of = async (query: string) => (await overview(query)).totals;
    expect(await of('?domain=x.test')).toMatchObject({ accepted: 2, delivered: 1, bounced: 1 });
    expect(await of(`?provider=${provider}`)).toMatchObject({ accepted: 0, delivered: 2, bounced: 1 });
    expect(await of('?account=2')).toMatchObject({ accepted: 0, delivered: 0 });
    expect(await of('?to=2020-01-01T00:00:00Z')).toMatchObject({ accepted: 0 });
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    expect(await overview(`?from=${hourAgo}`)).toMatchObject({ stepMs: 60_000, totals: { accepted: 3 } });
    const monthAgo = new Date(Date.now() - 30 * 86_400_000).toISOString();
    expect(await overview(`?from=${monthAgo}`)).toMatchObject({
      stepMs: 86_400_000,
      totals: { accepted: 3 },
    });
  });

  it.each([
    ['?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z', 'from: must be before `to`'],
    ['?from=2020-01-01T00:00:00Z', 'from: must be at most 91 days before `to`'],
  ])('refuses the range %s', async (query, message) => {
    const { status, text } = await api.call('GET', `/v1/overview${query}`);
    expect([status, JSON.parse(text).error.message]).toEqual([400, message]);
  });

  it('shows the health of the providers and the rest of their limits', async () => {
    expect((await overview()).providers).toEqual([
      {
        ...{ id: provider, caption: null, kind: 'smtp', isEnabled: true, isPaused: false },
        ...{ health: 'up', active: 0, limits: [{ window: 'day', max: 100, left: expect.any(Number) }] },
      },
    ]);
  });

  it('streams updates until the client disconnects', async () => {
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${gate.adminToken}` };
    const response = await fetch(`${gate.http}/v1/overview/stream`, { headers, signal: stop.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const next = async (accepted: number) => {
      while (!text.includes(`"accepted":${accepted}`)) text += (await reader?.read())?.value ?? '';
    };
    await next(3);
    expect(text).toMatch(/^event: overview\ndata: \{.*\}\n\n$/);
    await api.send(mailTo('c@z.test'));
    await next(4);
    stop.abort();
  });

  it('reports why mail was refused, also as CSV that no spreadsheet reads as a formula', async () => {
    const report = await api.ask<{ total: number; rows: object[] }>('GET', '/v1/reports/bounces');
    const row = { code: 550, enhanced: '5.1.1', domain: 'x.test', provider, count: 1 };
    expect(report).toMatchObject({ total: 1, rows: [{ ...row, lastReason: '=no such user' }] });
    const { rows } = await api.ask<{ rows: object[] }>('GET', '/v1/reports/bounces?by=domain');
    expect(rows).toEqual([
      { domain: 'x.test', count: 1, lastAt: expect.any(String), lastReason: '=no such user' },
    ]);
    const { text, headers } = await api.call('GET', '/v1/reports/bounces?format=csv');
    expect(headers.get('content-type')).toContain('text/csv');
    expect(text.split('\r\n')[1]).toMatch(/^550,5\.1\.1,x\.test,\d+,1,\S+Z,'=no such user$/);
    expect(await api.ask('GET', '/v1/reports/bounces?domain=y.test')).toMatchObject({ total: 0, rows: [] });
  });

  it('keeps the mail of a paused provider in the queue until the provider is resumed', async () => {
    const paused = await api.ask<{ isPaused: boolean }>('POST', `/v1/providers/${provider}/pause`);
    expect(paused.isPaused).toBe(true);
    const id = await api.send(mailTo('d@x.test'));
    await until(async () => {
      const { queue, providers } = await overview();
      return (
        queue.some(lane => lane.provider === provider && lane.waiting === 1) &&
        providers[0]?.health === 'paused'
      );
    }, 'the message to wait in the lane');
    const before = sink.messages.length;
    await api.ask('PATCH', `/v1/providers/${provider}`, { caption: 'Still paused' });
    expect((await api.story(id)).recipients[0]?.attempts).toBe(0);
    expect(sink.messages).toHaveLength(before);
    await api.ask('POST', '/v1/providers/resume');
    await api.reach(id, 'delivered');
  });
});

describe('the overview with much mail', () => {
  it('takes at most 0.1 s of CPU time', async () => {
    // By default, development mode keeps the newest thousand messages and may delete others before they are counted.
    const gate = await startServe({ settings: { 'retention.newestMessages': 10_000 } });
    try {
      const api = apiOf(gate, gate.adminToken);
      await api.sendMany(Array.from({ length: 3_000 }, (_, i) => mailTo(`u@d${i % 500}.test`)));
      const read = () => api.ask<Overview>('GET', '/v1/overview');
      await until(async () => (await read()).totals['delivered'] === 3_000, 'the figures to be up to date');
      const before = cpuSecondsOf(gate.pid);
      for (let i = 0; i < 10; i++) await read();
      expect(cpuSecondsOf(gate.pid) - before).toBeLessThan(1);
    } finally {
      await gate.stop();
    }
  });
});
