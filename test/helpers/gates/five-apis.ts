import { createHmac } from 'node:crypto';
import { type SmtpSink, startSmtpSink } from '../mail-servers/smtp-sink.ts';
import { type Api, apiOf } from './api.ts';
import { type ServedGate, startServe } from './serve.ts';

/** A gate with every API on, and the far end that gets all its mail. */
export interface FullGate {
  readonly gate: ServedGate;
  readonly sink: SmtpSink;
  /** With the scope `manage`. */
  readonly api: Api;
  /** A key of the account `default` with the scopes send and read. */
  readonly key: string;
  readonly tempMail: typeof TEMP_MAIL;
  /** The JWT of a temp-mail address, made when it is asked for first. */
  token(): Promise<string>;
  stop(): Promise<void>;
}

const TEMP_MAIL = {
  domain: 'temp-mail.test',
  jwtSecret: 'a-secret-for-tests-of-32-letters',
  adminPassword: 'an-admin-password-for-tests',
} as const;

export interface FullGateOptions {
  /** By path, such as `delivery.graceMs`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly data?: string;
}

/** Starts both; the caller's own server of `/api/smtp` may be the sink. */
export async function startFullGate({ settings, data }: FullGateOptions = {}): Promise<FullGate> {
  const sink = await startSmtpSink();
  const gate = await startServe({
    settings: {
      smarthost: `smtp://127.0.0.1:${sink.port}?tls=none`,
      'smtpMailer.isEnabled': 'true',
      'smtpMailer.ports': String(sink.port),
      'smtpMailer.hosts': '127.0.0.1',
      'smtpMailer.maxPerMinute': 100_000,
      'tempMail.domains': TEMP_MAIL.domain,
      'tempMail.jwtSecret': TEMP_MAIL.jwtSecret,
      'tempMail.adminPasswords': TEMP_MAIL.adminPassword,
      'tempMail.defaultBalance': 100_000,
      ...settings,
    },
    ...(data !== undefined && { data }),
  });
  const api = apiOf(gate, gate.adminToken);
  const newKey = { account: 'default', name: 'test', scopes: ['send', 'read'] };
  const { secret } = await api.ask<{ secret: string }>('POST', '/v1/keys', newKey);
  let token: Promise<string> | undefined;
  const full: FullGate = {
    ...{ gate, sink, api, key: secret, tempMail: TEMP_MAIL },
    token() {
      token ??= newTempAddress(full, 'sender').then(({ jwt }) => jwt);
      return token;
    },
    async stop() {
      await gate.stop();
      await sink.close();
    },
  };
  return full;
}

/** Makes a temp-mail address; resolves with its JWT and itself. */
export async function newTempAddress(
  { gate, tempMail }: FullGate,
  name: string,
): Promise<{ jwt: string; address: string }> {
  const answer = await apiOf(gate).call(
    'POST',
    '/admin/new_address',
    { name, domain: tempMail.domain, enablePrefix: false },
    { 'x-admin-auth': tempMail.adminPassword },
  );
  if (answer.status !== 200) throw new Error(`No address: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as { jwt: string; address: string };
}

/** A JWT that says whatever it is told, signed as those of addresses are. */
export function signJwt(payload: object, secret: string): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
