import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { PublicAccount } from '../../operations/account-operations.ts';
import { error, get, NOW, NOW_TEXT, post, reply } from './objects.cases.ts';

const account: PublicAccount = {
  id: 2,
  name: 'shop',
  isEnabled: true,
  allowedSenders: ['@shop.example'],
  limits: { maxPerHour: 100 },
  sendsNotices: true,
  webhook: { url: 'https://shop.example/hook', events: ['bounced'] },
  createdAt: NOW,
};
const accountJson = { ...account, createdAt: NOW_TEXT };
const patch = (path: string, body: object) => ({ method: 'PATCH', url: path, body: JSON.stringify(body) });

/** Accounts, and the key that seals their secrets. */
export const accounting: readonly GoldenCase[] = [
  {
    name: 'all accounts',
    request: get('/v1/accounts'),
    asks: { operation: 'accounts', input: {} },
    output: [account, { ...account, webhook: null }],
    reply: reply(200, { accounts: [accountJson, { ...accountJson, webhook: null }] }),
  },
  {
    name: 'a new account; null and "" mean absent, but for what null takes away',
    request: post('/v1/accounts', {
      name: 'shop',
      allowedSenders: ['@shop.example'],
      isEnabled: null,
      sendsNotices: '',
      limits: { maxPerHour: 100, maxPerDay: null },
      webhook: { url: 'https://shop.example/hook', events: ['bounced'], rotateSecret: null },
    }),
    asks: {
      operation: 'addAccount',
      input: {
        name: 'shop',
        settings: {
          allowedSenders: ['@shop.example'],
          limits: { maxPerHour: 100, maxPerDay: null },
          webhook: { url: 'https://shop.example/hook', events: ['bounced'] },
        },
      },
    },
    output: { account, webhookSecret: 'whsec_x' },
    reply: reply(201, { ...accountJson, webhookSecret: 'whsec_x' }),
  },
  {
    name: 'a new account with everything wrong',
    request: post('/v1/accounts', { limits: { maxPerHour: 0 }, webhook: { events: ['alert'] }, owner: 'x' }),
    reply: reply(
      400,
      error('invalid', 'name: is missing (and 4 more, see problems)', [
        { field: 'name', message: 'is missing' },
        { field: 'allowedSenders', message: 'is missing' },
        { field: 'owner', message: 'unknown field' },
        { field: 'limits.maxPerHour', message: 'must be >= 1' },
        {
          field: 'webhook.events[0]',
          message:
            'must be one of accepted, deferred, delivered, bounced, failed, expired, cancelled, unknown, retried',
        },
      ]),
    ),
  },
  {
    name: 'a change of an account',
    request: patch('/v1/accounts/2', { isEnabled: false, webhook: null }),
    asks: { operation: 'changeAccount', input: { id: 2, settings: { isEnabled: false, webhook: null } } },
    output: { account },
    reply: reply(200, accountJson),
  },
  {
    name: 'an account whose id is none',
    request: patch('/v1/accounts/x', {}),
    reply: reply(404, error('not_found', 'There is no such account.')),
  },
  {
    name: 'a new sealing key',
    request: post('/v1/secret/rotate'),
    asks: { operation: 'rotateSecretKey', input: {} },
    output: { secrets: 3, keyId: '0123456789ab' },
    reply: reply(200, { secrets: 3, keyId: '0123456789ab' }),
  },
];
