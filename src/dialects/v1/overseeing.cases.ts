import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { BounceReport, Overview } from '../../operations/report-operations.ts';
import { error, get, NOW, NOW_TEXT, post, provider, providerJson, reply } from './objects.cases.ts';

const NONE = {
  ...{ accepted: 0, delivered: 0, deferred: 0, bounced: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
};
const inbox = { id: 3, caption: null, kind: 'capture', isEnabled: true, isPaused: false } as const;
const overview: Overview = {
  ...{ from: NOW, to: NOW, stepMs: 60_000 },
  buckets: [{ at: NOW, ...NONE, accepted: 2 }],
  totals: { ...NONE, accepted: 2 },
  timeToDelivery: { p50Ms: 12, p99Ms: null, count: 1 },
  queue: [
    { provider: null, waiting: 1 },
    { provider: 3, waiting: 2, oldestDueAt: NOW },
  ],
  providers: [
    { ...inbox, health: 'up', active: 1, limits: [{ window: 'day', max: 9, left: 4 }] },
    { ...inbox, health: 'open', active: 0, limits: [], openUntil: NOW },
  ],
};
const { stepMs, totals, timeToDelivery } = overview;
const overviewJson = {
  ...{ from: NOW_TEXT, to: NOW_TEXT, stepMs, totals, timeToDelivery },
  buckets: [{ at: NOW_TEXT, ...NONE, accepted: 2 }],
  queue: [
    { provider: null, waiting: 1 },
    { provider: 3, waiting: 2, oldestDueAt: NOW_TEXT },
  ],
  providers: [overview.providers[0], { ...overview.providers[1], openUntil: NOW_TEXT }],
};
const bounce = { code: 550, enhanced: '5.1.1', domain: 'x.test', provider: 3 };
const report: BounceReport = {
  ...{ from: NOW, to: NOW, total: 5 },
  rows: [
    { ...bounce, amount: 4, lastAt: NOW, lastReason: '=cmd|"no"' },
    { ...bounce, ...{ code: null, enhanced: null }, amount: 1, lastAt: NOW, lastReason: 'gave up' },
  ],
};
const CSV_HEADERS = {
  'content-type': 'text/csv; charset=utf-8; header=present',
  'content-disposition': 'attachment; filename="bounces.csv"',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const entry = {
  ...{ id: '7', by: 'user ada', action: 'changed', kind: 'provider', subject: 3, name: 'SES' },
  changes: { priority: [1, 2] },
};

async function* twice() {
  yield overview;
  yield undefined;
}

/** Looking after the gate: figures, and providers paused and switched. */
export const overseeing: readonly GoldenCase[] = [
  {
    name: 'the overview',
    request: get('/v1/overview'),
    asks: { operation: 'overview', input: {} },
    output: overview,
    reply: reply(200, overviewJson),
  },
  {
    name: 'the overview of something',
    request: get(`/v1/overview?from=${NOW_TEXT}&to=${NOW_TEXT}&account=2&provider=3&domain=@X.test`),
    asks: {
      operation: 'overview',
      input: { from: NOW, to: NOW, account: 2, provider: 3, domain: 'x.test' },
    },
    output: overview,
    reply: reply(200, overviewJson),
  },
  {
    name: 'the overview of nothing that is known',
    request: get('/v1/overview?domain=-&account=0&until=now'),
    reply: reply(
      400,
      error('invalid', 'until: unknown parameter (and 2 more, see problems)', [
        { field: 'until', message: 'unknown parameter' },
        { field: 'account', message: 'must be a whole number from 1 to 2147483648' },
        { field: 'domain', message: 'must be a domain' },
      ]),
    ),
  },
  {
    name: 'the overview, live',
    request: get('/v1/overview/stream?provider=3'),
    asks: { operation: 'overviewStream', input: { provider: 3 } },
    output: twice(),
    reply: {
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
        'transfer-encoding': 'chunked',
      },
      body: `event: overview\ndata: ${JSON.stringify(overviewJson)}\n\n: nothing new\n\n`,
    },
  },
  {
    name: 'the bounce report',
    request: get('/v1/reports/bounces?by=code&limit=2'),
    asks: { operation: 'bounceReport', input: { by: 'code', limit: 2 } },
    output: { ...report, by: 'code' },
    reply: reply(200, {
      ...{ from: NOW_TEXT, to: NOW_TEXT, by: 'code', total: 5 },
      rows: [
        { ...bounce, count: 4, lastAt: NOW_TEXT, lastReason: '=cmd|"no"' },
        { ...bounce, code: null, enhanced: null, count: 1, lastAt: NOW_TEXT, lastReason: 'gave up' },
      ],
    }),
  },
  ...['&format=csv', ''].map(
    (format): GoldenCase => ({
      name: `the bounce report as CSV, asked for by ${format === '' ? 'Accept' : 'format'}`,
      request: { ...get(`/v1/reports/bounces?limit=9${format}`), headers: { accept: format || 'text/csv' } },
      asks: { operation: 'bounceReport', input: { limit: 9 } },
      output: report,
      reply: {
        status: 200,
        headers: CSV_HEADERS,
        body: [
          'code,enhanced,domain,provider,count,lastAt,lastReason',
          `550,5.1.1,x.test,3,4,${NOW_TEXT},"'=cmd|""no"""`,
          `,,x.test,3,1,${NOW_TEXT},gave up`,
          '',
        ].join('\r\n'),
      },
    }),
  ),
  ...(['enable', 'disable'] as const).map(
    (verb): GoldenCase => ({
      name: `${verb} a provider`,
      request: post(`/v1/providers/3/${verb}`),
      asks: { operation: 'changeProvider', input: { id: 3, settings: { isEnabled: verb === 'enable' } } },
      output: provider,
      reply: reply(200, providerJson),
    }),
  ),
  ...(['pause', 'resume'] as const).flatMap((verb): GoldenCase[] => [
    {
      name: `${verb} a provider`,
      request: post(`/v1/providers/3/${verb}`),
      asks: { operation: 'pauseProvider', input: { id: 3, isPaused: verb === 'pause' } },
      output: { ...provider, isPaused: true },
      reply: reply(200, { ...providerJson, isPaused: true }),
    },
    {
      name: `${verb} all providers`,
      request: post(`/v1/providers/${verb}`),
      asks: { operation: 'pauseProviders', input: { isPaused: verb === 'pause' } },
      output: [provider],
      reply: reply(200, { providers: [providerJson] }),
    },
  ]),
];

/** Who did what. */
export const auditing: readonly GoldenCase[] = [
  {
    name: 'the audit log',
    request: get('/v1/audit?kind=provider&limit=2&cursor=9'),
    asks: { operation: 'audit', input: { kind: 'provider', limit: 2, cursor: '9' } },
    output: { items: [{ ...entry, at: NOW }], next: '8' },
    reply: reply(200, { entries: [{ ...entry, at: NOW_TEXT }], next: '8' }),
  },
  {
    name: 'the last of the audit log',
    request: get('/v1/audit'),
    asks: { operation: 'audit', input: { limit: 50 } },
    output: { items: [] },
    reply: reply(200, { entries: [], next: null }),
  },
];
