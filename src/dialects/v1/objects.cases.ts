import type { Address } from '../../core/address.ts';
import type { MessageView } from '../../core/message-view.ts';
import type { PublicProvider } from '../../core/provider.ts';
import type { Submission } from '../../core/submission.ts';
import type { PublicKey } from '../../operations/account-operations.ts';

// What the golden cases of /v1 are made of: things as the gate has them, and the same as the API says them.

export const ID = '0123456789abc';
export const NOW = Date.UTC(2030, 0, 2, 3, 4, 5, 678);
export const NOW_TEXT = '2030-01-02T03:04:05.678Z';
const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
export const ada = 'ada@example.com' as Address;
export const bob = 'bob@example.com' as Address;

export const MINIMAL = JSON.stringify({
  from: 'Ada <ada@example.com>',
  to: 'bob@example.com',
  subject: 'Hi',
  text: 'Hello',
});
export const minimal: Submission = {
  dialect: 'v1',
  envelope: { sender: ada, recipients: [bob] },
  body: {
    kind: 'content',
    content: {
      from: { name: 'Ada', address: ada },
      to: [{ address: bob }],
      cc: [],
      replyTo: [],
      subject: 'Hi',
      text: 'Hello',
      attachments: [],
      headers: [],
    },
  },
};

export const accepted = {
  id: ID,
  messageIdHeader: '<m@example.com>',
  replayed: false,
  recipients: [{ address: bob, state: 'queued' as const }],
};
export const acceptedJson = {
  id: ID,
  messageId: '<m@example.com>',
  recipients: [{ address: bob, state: 'queued' }],
};

export const view: MessageView = {
  id: ID,
  account: 1,
  dialect: 'v1',
  sender: ada,
  from: ada,
  subject: 'Hi',
  messageIdHeader: '<m@example.com>',
  tags: ['a'],
  metadata: { order: '7' },
  priority: 'normal',
  lane: 3,
  size: 321,
  createdAt: NOW,
  expiresAt: NOW + 1_000,
  isLeased: false,
  recipients: [
    {
      index: 0,
      address: bob,
      state: 'deferred',
      attempts: 1,
      dueAt: NOW + 500,
      lastReply: { code: 450, enhanced: '4.2.1', text: 'later' },
    },
  ],
};
export const viewJson = {
  id: ID,
  account: 1,
  dialect: 'v1',
  sender: ada,
  from: ada,
  subject: 'Hi',
  messageId: '<m@example.com>',
  tags: ['a'],
  metadata: { order: '7' },
  priority: 'normal',
  provider: 3,
  size: 321,
  createdAt: NOW_TEXT,
  expiresAt: '2030-01-02T03:04:06.678Z',
  isLeased: false,
  recipients: [
    {
      address: bob,
      state: 'deferred',
      attempts: 1,
      dueAt: '2030-01-02T03:04:06.178Z',
      lastReply: { code: 450, enhanced: '4.2.1', text: 'later' },
    },
  ],
};
export const attempt = { number: 1, provider: 3, startedAt: NOW, durationMs: 12, phase: 'rcpt' as const };
export const event = {
  seq: '42',
  at: NOW,
  type: 'deferred' as const,
  account: 1,
  messageId: ID,
  recipient: bob,
  provider: 3,
  data: { attempt: 1, code: 450, nextAttemptAt: NOW },
};
export const eventJson = {
  id: '42',
  at: NOW_TEXT,
  type: 'deferred',
  messageId: ID,
  recipient: bob,
  provider: 3,
  data: { attempt: 1, code: 450, nextAttemptAt: NOW_TEXT },
};

export const provider: PublicProvider = {
  id: 3,
  kind: 'smtp',
  caption: null,
  isEnabled: true,
  priority: 10,
  weight: 100,
  limits: { maxPerSecond: 14 },
  senderDomains: [],
  maxRecipientsPerMessage: 100,
  sendFrom: '',
  sendFromName: '',
  createdAt: NOW,
  updatedAt: null,
  host: 'smtp.example.com',
  port: 587,
  encryption: 'tls',
  username: '',
  maxConnections: 5,
};
const { limits, ...sameAsShown } = provider;
export const providerJson = {
  ...sameAsShown,
  maxPerSecond: limits.maxPerSecond,
  maxPerMinute: null,
  maxPerHour: null,
  maxPerDay: null,
  isPaused: false,
  createdAt: NOW_TEXT,
};
export const key: PublicKey = {
  id: 5,
  account: 1,
  name: 'shop',
  scopes: ['send'],
  createdAt: NOW,
  revokedAt: null,
};
export const keyJson = { ...key, createdAt: NOW_TEXT };

export const reply = (status: number, body: object, headers = {}) => ({
  status,
  headers: { ...JSON_HEADERS, ...headers },
  body,
});
export const error = (code: string, message: string, problems: object[] = []) => ({
  error: { code, message, problems },
});
export const get = (url: string) => ({ method: 'GET', url });
export const post = (url: string, body?: object | string, headers = {}) => ({
  method: 'POST',
  url,
  headers,
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});
