import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { ProviderPreset } from '../../operations/provider-operations.ts';
import { bob, error, get, post, reply } from './objects.cases.ts';

const found = { ok: true, ms: 3 };
// The suite's clock stands at the first day of 2030.
const validity = { validFrom: Date.UTC(2029, 0, 1), validTo: Date.UTC(2030, 0, 3, 12) };
const names = { subject: 'smtp.example.com', issuer: 'Some CA' };
const report = {
  ok: true,
  stages: [
    { ...found, stage: 'dns', detail: '192.0.2.1', addresses: ['192.0.2.1'] },
    { ...found, stage: 'tls', detail: 'TLSv1.3', certificate: { ...names, ...validity } },
    { ...found, stage: 'ehlo', detail: 'SIZE 9', capabilities: ['SIZE 9'] },
  ],
};
const [dns, tls, ehlo] = report.stages;
const reportJson = {
  ok: true,
  stages: [
    dns,
    {
      ...tls,
      certificate: {
        ...names,
        ...{ validFrom: '2029-01-01T00:00:00.000Z', validTo: '2030-01-03T12:00:00.000Z', daysLeft: 2 },
      },
    },
    ehlo,
  ],
};
const preset: ProviderPreset = {
  ...{ name: 'own', caption: 'Own server', host: '', port: 587, encryption: 'tls', username: '' },
  ...{ usernameHint: '', passwordHint: '', maxConnections: 5, note: '', docs: '' },
  ...{ maxPerSecond: null, maxPerMinute: 30, maxPerDay: null },
};

/** Trying providers, and what is known of some. */
export const checking: readonly GoldenCase[] = [
  {
    name: 'what a check found, for programs',
    request: post('/v1/providers/3/check'),
    asks: { operation: 'checkProvider', input: { id: 3 } },
    output: report,
    reply: reply(200, reportJson),
  },
  {
    name: 'trying settings',
    request: post('/v1/providers/check', { host: 'smtp.example.com', password: null }),
    asks: { operation: 'tryProvider', input: { settings: { host: 'smtp.example.com' } } },
    output: report,
    reply: reply(200, reportJson),
  },
  {
    name: 'trying a change',
    request: post('/v1/providers/check', { id: 3, port: 465 }),
    asks: { operation: 'tryProvider', input: { id: 3, settings: { port: 465 } } },
    output: report,
    reply: reply(200, reportJson),
  },
  {
    name: 'a check with a test mail',
    request: post('/v1/providers/3/check', { mailTo: bob, mailFrom: '' }),
    asks: { operation: 'checkProvider', input: { id: 3, mail: { to: bob } } },
    output: report,
    reply: reply(200, reportJson),
  },
  {
    name: 'trying a change with a test mail',
    request: post('/v1/providers/check', { id: 3, mailTo: bob, mailFrom: bob }),
    asks: { operation: 'tryProvider', input: { id: 3, settings: {}, mail: { to: bob, from: bob } } },
    output: report,
    reply: reply(200, reportJson),
  },
  {
    name: 'a check with a test mail for nobody',
    request: post('/v1/providers/3/check', { mailTo: 'bob' }),
    reply: reply(
      400,
      error('invalid', 'mailTo: the address has no @', [
        { field: 'mailTo', message: 'the address has no @' },
      ]),
    ),
  },
  {
    name: 'trying a change of nothing',
    request: post('/v1/providers/check', { id: '3' }),
    reply: reply(
      400,
      error('invalid', 'id: must be the id of a provider', [
        { field: 'id', message: 'must be the id of a provider' },
      ]),
    ),
  },
  {
    name: 'presets',
    request: get('/v1/providers/presets'),
    asks: { operation: 'providerPresets', input: {} },
    output: [preset],
    reply: reply(200, { presets: [preset] }),
  },
];
