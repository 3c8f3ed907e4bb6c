import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { PublicProvider } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';

// Parts of the golden cases of the providers API.

export const ROOT = '/api/v2/mail/providers';
export const CREATED = Date.UTC(2026, 0, 1);
const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
/** The Content-Type that curl sends with `-d`. */
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'ja' };

export const provider: PublicProvider = {
  id: 1,
  kind: 'smtp',
  caption: 'My SMTP connection',
  isEnabled: true,
  priority: 10,
  weight: 0,
  limits: {},
  senderDomains: [],
  maxRecipientsPerMessage: 100,
  sendFrom: 'user@example.com' as PublicProvider['sendFrom'],
  sendFromName: 'Company name',
  createdAt: CREATED,
  updatedAt: null,
  host: 'host.example.com',
  port: 25,
  encryption: 'ssl',
  username: 'User',
  maxConnections: 20,
};
export const object = {
  id: 1,
  caption: 'My SMTP connection',
  driver: 'smtp',
  host: 'host.example.com',
  port: 25,
  username: 'User',
  sendFrom: 'user@example.com',
  sendFromName: 'Company name',
  encryption: 'ssl',
  isEnabled: true,
  createTime: '2026-01-01T00:00:00+00:00',
  updateTime: null,
  priority: 10,
  weight: 0,
  senderDomains: [],
  maxPerSecond: null,
  maxPerMinute: null,
  maxPerHour: null,
  maxPerDay: null,
  maxConnections: 20,
  maxRecipientsPerMessage: 100,
  caPem: null,
  kind: 'smtp',
  directory: null,
};
/** The body of the published sample. */
export const SAMPLE = {
  driver: 'smtp',
  host: 'host.example.com',
  port: 25,
  username: 'User',
  password: 'Password',
  sendFrom: 'user@example.com',
  sendFromName: 'Company name',
  encryption: 'ssl',
  isEnabled: 1,
  caption: 'My SMTP connection',
};
const { driver: _, ...SAMPLE_SETTINGS } = { ...SAMPLE, isEnabled: true } as const;
export const settings = SAMPLE_SETTINGS as ProviderSettings;

export const reply = (status: number, body: object, headers = {}): GoldenCase['reply'] => ({
  status,
  headers: { ...JSON_HEADERS, ...headers },
  body,
});
export const EMPTY: GoldenCase['reply'] = { status: 204, headers: {}, body: '' };
export const refusal = (status: number, message: string, errors: object = {}, headers = {}) =>
  reply(status, { message, errors }, headers);
export const get = (path: string, headers = {}) => ({ method: 'GET', url: ROOT + path, headers });
export const send = (method: string, path: string, body: object | string, headers = FORM) => ({
  method,
  url: ROOT + path,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
