import type { GoldenCase } from '../../../test/suites/dialect.ts';
import {
  error,
  get,
  key,
  keyJson,
  NOW,
  NOW_TEXT,
  post,
  provider,
  providerJson,
  reply,
} from './objects.cases.ts';

const SETTINGS = {
  host: 'smtp.example.com',
  port: 587,
  encryption: 'tls',
  username: '',
  caption: null,
} as const;

/** Providers and keys. */
export const managing: readonly GoldenCase[] = [
  {
    name: 'all providers',
    request: get('/v1/providers'),
    asks: { operation: 'providers', input: {} },
    output: [provider],
    reply: reply(200, { providers: [providerJson] }),
  },
  {
    name: 'a new provider; null means absent, but for what it takes away',
    request: post('/v1/providers', { ...SETTINGS, password: null, caPem: null }),
    asks: { operation: 'addProvider', input: { ...SETTINGS, caPem: null } },
    output: provider,
    reply: reply(201, providerJson, { location: '/v1/providers/3' }),
  },
  {
    name: 'a new provider with everything wrong',
    request: post('/v1/providers', { driver: 'smtp', port: 0, encryption: 'starttls' }),
    reply: reply(
      400,
      error('invalid', 'driver: unknown field (and 2 more, see problems)', [
        { field: 'driver', message: 'unknown field' },
        { field: 'port', message: 'must be >= 1' },
        { field: 'encryption', message: 'must be one of tls, ssl, none' },
      ]),
    ),
  },
  {
    name: 'one provider',
    request: get('/v1/providers/3'),
    asks: { operation: 'provider', input: { id: 3 } },
    output: { ...provider, updatedAt: NOW },
    reply: reply(200, { ...providerJson, updatedAt: NOW_TEXT }),
  },
  {
    name: 'a provider whose id is none',
    request: get('/v1/providers/0x3'),
    reply: reply(404, error('not_found', 'There is no such provider.')),
  },
  {
    name: 'a change of a provider that takes a limit away',
    request: {
      method: 'PATCH',
      url: '/v1/providers/3',
      body: '{"weight":5,"maxPerSecond":null,"maxPerDay":9,"priority":null}',
    },
    asks: {
      operation: 'changeProvider',
      input: { id: 3, settings: { weight: 5, maxPerSecond: null, maxPerDay: 9 } },
    },
    output: provider,
    reply: reply(200, providerJson),
  },
  {
    name: 'a change of a provider',
    request: { method: 'PATCH', url: '/v1/providers/3', body: '{"isEnabled":false}' },
    asks: { operation: 'changeProvider', input: { id: 3, settings: { isEnabled: false } } },
    output: provider,
    reply: reply(200, providerJson),
  },
  {
    name: 'a change that says nothing of its body',
    request: { method: 'PATCH', url: '/v1/providers/3', body: '[]' },
    reply: reply(
      400,
      error('invalid', 'body: must be object', [{ field: 'body', message: 'must be object' }]),
    ),
  },
  {
    name: 'removing a provider',
    request: { method: 'DELETE', url: '/v1/providers/3' },
    asks: { operation: 'removeProvider', input: { id: 3 } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'a check of a provider',
    request: post('/v1/providers/3/check'),
    asks: { operation: 'checkProvider', input: { id: 3 } },
    output: { ok: false, stages: [{ stage: 'dns', ok: false, detail: 'No such host.', ms: 3 }] },
    reply: reply(200, { ok: false, stages: [{ stage: 'dns', ok: false, detail: 'No such host.', ms: 3 }] }),
  },
  {
    name: 'all keys',
    request: get('/v1/keys'),
    asks: { operation: 'keys', input: {} },
    output: [{ ...key, revokedAt: NOW }],
    reply: reply(200, { keys: [{ ...keyJson, revokedAt: NOW_TEXT }] }),
  },
  {
    name: 'a new key',
    request: post('/v1/keys', { account: '', name: 'shop', scopes: ['send'] }),
    asks: { operation: 'createKey', input: { name: 'shop', scopes: ['send'] } },
    output: { key, secret: 'pk_5_x' },
    reply: reply(201, { ...keyJson, secret: 'pk_5_x' }),
  },
  {
    name: 'a new key with everything wrong',
    request: post('/v1/keys', { scopes: ['sned', 'read', 'read'] }),
    reply: reply(
      400,
      error('invalid', 'name: is missing (and 2 more, see problems)', [
        { field: 'name', message: 'is missing' },
        { field: 'scopes[0]', message: 'must be one of send, read, manage' },
        { field: 'scopes', message: 'must not have duplicate items' },
      ]),
    ),
  },
  {
    name: 'revoking a key',
    request: { method: 'DELETE', url: '/v1/keys/5' },
    asks: { operation: 'revokeKey', input: { id: 5 } },
    output: key,
    reply: { status: 204, headers: {}, body: '' },
  },
];
