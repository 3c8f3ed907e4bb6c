import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { ListedAddress } from '../../operations/temp-mail-operations.ts';
import { bob, error, get, NOW, NOW_TEXT, post, reply } from './objects.cases.ts';

const address = { id: 4, address: bob, passwordHash: 'scrypt:1', createdAt: NOW };
const listed: readonly ListedAddress[] = [
  { address, balance: { id: 9, address: bob, balance: 5, isEnabled: true, createdAt: NOW } },
  { address: { ...address, passwordHash: null } },
];
const shown = { id: 4, address: bob, createdAt: NOW_TEXT };
const policy = {
  sendBlockList: ['@bad.test'],
  sendLimits: { dailyEnabled: true, monthlyEnabled: false, dailyLimit: 10, monthlyLimit: 7 },
};
const policyJson = { blockList: ['@bad.test'], maxPerDay: 10, maxPerMonth: null };
const patch = (url: string, body: object) => ({ method: 'PATCH', url, body: JSON.stringify(body) });

/** Temp-mail addresses, managed. */
export const addressing: readonly GoldenCase[] = [
  {
    name: 'addresses',
    request: get('/v1/addresses?text=bob&limit=2&offset=3'),
    asks: { operation: 'tempMailAddresses', input: { text: 'bob', limit: 2, offset: 3 } },
    output: { items: listed, count: 5 },
    reply: reply(200, {
      addresses: [
        { ...shown, hasPassword: true, balance: { id: 9, balance: 5, isEnabled: true } },
        { ...shown, hasPassword: false, balance: null },
      ],
      count: 5,
    }),
  },
  {
    name: 'a new address',
    request: post('/v1/addresses', { name: 'bob', domain: null }),
    asks: { operation: 'tempMailAdd', input: { name: 'bob', domain: '', hasPrefix: false } },
    output: { address, jwt: 'a.b.c', password: null },
    reply: reply(201, { id: 4, address: bob, jwt: 'a.b.c', password: null }),
  },
  {
    name: 'the JWT of an address',
    request: get('/v1/addresses/4/token'),
    asks: { operation: 'tempMailJwt', input: { id: 4 } },
    output: 'a.b.c',
    reply: reply(200, { jwt: 'a.b.c' }),
  },
  {
    name: 'removing an address',
    request: { method: 'DELETE', url: '/v1/addresses/4' },
    asks: { operation: 'tempMailRemove', input: { id: 4 } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'a balance for an address',
    request: { method: 'PUT', url: '/v1/addresses/4/balance', body: '{"balance":7,"isEnabled":true}' },
    asks: { operation: 'tempMailGrant', input: { id: 4, balance: 7, isEnabled: true } },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'a balance',
    request: patch('/v1/balances/9', { address: bob, balance: 7, isEnabled: false }),
    asks: {
      operation: 'tempMailSetBalance',
      input: { id: 9, address: bob, balance: 7, isEnabled: false },
    },
    reply: { status: 204, headers: {}, body: '' },
  },
  {
    name: 'what holds for all addresses',
    request: get('/v1/temp-mail'),
    asks: { operation: 'tempMailPolicy', input: {} },
    output: policy,
    reply: reply(200, policyJson),
  },
  {
    name: 'a change of what holds for all addresses',
    request: patch('/v1/temp-mail', { maxPerDay: 10, maxPerMonth: null }),
    asks: { operation: 'tempMailChangePolicy', input: { maxPerDay: 10, maxPerMonth: null } },
    output: policy,
    reply: reply(200, policyJson),
  },
  {
    name: 'a change of what nobody knows',
    request: patch('/v1/temp-mail', { quota: 1 }),
    reply: reply(
      400,
      error('invalid', 'quota: unknown field', [{ field: 'quota', message: 'unknown field' }]),
    ),
  },
];
