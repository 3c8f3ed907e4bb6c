import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../helpers/mail-servers/smtp-sink.ts';
import { type FuzzApi, type FuzzKeys, fuzzRequests } from './http-requests.ts';
import { providersApi, smtpMailerApi, type TempMailKeys, tempMailApi } from './other-requests.ts';
import { type Answer, createThrower, type Thrower } from './throw-requests.ts';
import { turbosmtpApi } from './turbosmtp-requests.ts';

// The APIs of other products, each as hostile callers use it.

const COUNT = 2_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);

let gate: RunningGate;
let sink: SmtpSink;
let thrower: Thrower;
let keys: FuzzKeys & TempMailKeys & { readonly manage: string; readonly from: string };

beforeAll(async () => {
  sink = await startSmtpSink();
  gate = await startGate({ smarthost: `${sink.host}:${sink.port}` });
  thrower = createThrower(gate.http);
  const admin = apiOf(gate, gate.adminToken);
  const keyOf = async (key: object) => (await admin.ask<{ secret: string }>('POST', '/v1/keys', key)).secret;
  const { jwt, address } = await admin.ask<{ jwt: string; address: string }>('POST', '/api/new_address', {});
  const { adminPassword } = gate.tempMail;
  keys = {
    send: gate.key,
    read: await keyOf({ name: 'reader', scopes: ['read'], account: 'default' }),
    narrow: await keyOf({
      name: 'narrow',
      scopes: ['send'],
      account: 'narrow',
      newAccount: { allowedSenders: ['@narrow.test'] },
    }),
    manage: gate.adminToken,
    jwt,
    adminPassword,
    from: address,
  };
  await giveBalance(address, jwt);
});
afterAll(async () => {
  thrower?.close();
  await gate?.stop();
  await sink?.close();
});

/** Far more than the requests can use up. */
async function giveBalance(address: string, jwt: string): Promise<void> {
  const api = apiOf(gate);
  await api.call('GET', '/api/settings', undefined, { authorization: `Bearer ${jwt}` });
  const admin = { 'x-admin-auth': gate.tempMail.adminPassword };
  const { text } = await api.call('GET', '/admin/address_sender', undefined, admin);
  const row = { address_id: JSON.parse(text).results[0].id, address, balance: 1_000_000, enabled: true };
  expect(await api.call('POST', '/admin/address_sender', row, admin)).toMatchObject({ status: 200 });
}

const turbosmtpRefusals = (to: string, cc: string, bcc: string) => [
  '400 malformed JSON',
  '400 malformed multipart body',
  '400 missing or not valid sender email (from)',
  `400 'nobody' ${to}`,
  `400 'nobody' ${cc}`,
  `400 'nobody' ${bcc}`,
  '400 subject too long (max 700 chars )',
  '400 subject not valid',
  '400 content not valid',
  '400 headers not valid',
  '400 Invalid Mime',
  '400 attachments not valid',
  '400 There are 1001 recipients',
  '401 Invalid authorization token',
  '401 Wrong credentials specified',
  '403 The key does not have the scope',
  '403 The account narrow may not send as',
  '404 There is nothing',
  '405 Use POST',
  '413 message too large',
  '415 Content-Encoding',
];
const TEMP_MAIL_REFUSALS = [
  '400 Invalid input',
  '400 Failed to send mail Invalid recipient address',
  '400 Failed to send mail Subject is empty',
  '400 Failed to send mail Content is empty',
  '400 Failed to send mail invalid JWT token',
  '400 Failed to send mail The body is larger',
  '400 Failed to send mail Content-Encoding',
  '400 Failed to create address: Name is too short',
  '400 Failed to create address: Invalid domain',
  '400 Invalid limit',
  '400 Invalid offset',
  '400 Invalid address_id',
  '401 Invalid address credential',
  '401 无效的邮箱地址凭据',
  '401 You need to provide the admin password',
  '403 Password login is disabled',
  '404 Address not found',
  '404 Not Found',
];
const SMTP_MAILER_REFUSALS = [
  '400 MALFORMED',
  '400 INVALID',
  '401 UNAUTHENTICATED',
  '403 TARGET_REFUSED',
  '404 NOT_FOUND',
  '405 METHOD_NOT_ALLOWED',
  '413 TOO_LARGE',
  '415 UNSUPPORTED',
];
const PROVIDERS_REFUSALS = ['400', '401', '403', '404', '405', '413', '415'];
const V1_WORDS = ['recipient email not valid', 'cc email not valid', 'bcc email not valid'] as const;
const V2_WORDS = ["'to' email not valid", "'cc' email not valid", "'bcc' email not valid"] as const;

interface Throw {
  readonly name: string;
  readonly api: () => FuzzApi;
  /** '' when the answer is not in the API's form. */
  readonly read: (answer: Answer, index: number) => string;
  readonly refusals: readonly string[];
  /** What comes of good requests; absent: they are accepted. */
  readonly good?: RegExp;
  /** Whether what is accepted is mail. */
  readonly sends: boolean;
}

const THROWS: readonly Throw[] = [
  {
    name: 'turboSMTP, version 1',
    api: () => turbosmtpApi('/api/mail/send', keys),
    read: readTurbosmtp,
    refusals: turbosmtpRefusals(...V1_WORDS),
    sends: true,
  },
  {
    name: 'turboSMTP, version 2',
    api: () => turbosmtpApi('/api/v2/mail/send', keys),
    read: readTurbosmtp,
    refusals: turbosmtpRefusals(...V2_WORDS),
    sends: true,
  },
  {
    name: 'temp-mail',
    api: () => tempMailApi(keys, keys.from),
    read: readTempMail,
    refusals: TEMP_MAIL_REFUSALS,
    sends: true,
  },
  {
    name: 'SMTP Mailer',
    api: smtpMailerApi,
    read: readSmtpMailer,
    refusals: SMTP_MAILER_REFUSALS,
    good: /^(403 TARGET_REFUSED|429 RATE_LIMITED)$/,
    sends: false,
  },
  {
    name: 'providers',
    api: () => providersApi(keys.manage, keys.send),
    read: readProviders,
    refusals: PROVIDERS_REFUSALS,
    sends: false,
  },
];

describe(`generated requests (FUZZ_SEED=${SEED})`, () => {
  test.each(THROWS)(
    'to the API of $name are done, or refused in its words',
    async ({ api, read, refusals, good, sends }) => {
      const requests = fuzzRequests(api(), SEED, COUNT);
      expect(requests.filter(({ kind }) => kind === 'mutated').length).toBeGreaterThan(COUNT / 3);
      const before = sink.messages.length;
      const told = await thrower.throwAll(requests, read, good);

      const accepted = told.filter(({ outcome }) => outcome.startsWith('accepted')).length;
      if (sends) await until(() => sink.messages.length - before >= accepted, 'the accepted messages');
      else expect(sink.messages.length).toBe(before);
      for (const refusal of refusals) {
        const hits = told.filter(({ outcome }) => outcome.startsWith(refusal)).length;
        expect(hits, `${refusal}, of ${told.length}`).toBeGreaterThanOrEqual(5);
      }
    },
  );

  test('leave the process as it was', async () => {
    expect(await apiOf(gate).call('GET', '/readyz')).toMatchObject({ status: 200 });
    expect(gate.log()).not.toContain('failed with a bug');
  });
});

function readTurbosmtp({ status, headers, text }: Answer): string {
  if (headers['content-type'] !== 'application/json; charset=utf-8') return '';
  if (status === 200) return /^\{"message":"OK","mid":\d{16,19}\}$/.test(text) ? 'accepted' : '';
  const { errorCode, message, errors } = JSON.parse(text);
  if (status === 401) return errorCode === 3 ? `401 ${message}` : '';
  const isList = Array.isArray(errors) && errors.length > 0 && errors.every(isSentence);
  return message === 'error' && isList ? `${status} ${errors[0]}` : '';
}

function readTempMail({ status, headers, text }: Answer): string {
  if (headers['access-control-allow-origin'] !== '*') return '';
  if (status === 200) return headers['content-type'] === 'application/json' ? whatWasDone(text) : '';
  const isLine = headers['content-type'] === 'text/plain;charset=UTF-8' && /^[^\r\n]+$/.test(text);
  return isLine ? `${status} ${text}` : '';
}

/** An address may be made as well, which is not mail. */
function whatWasDone(text: string): string {
  return text === '{"status":"ok"}' ? 'accepted' : 'done';
}

function readSmtpMailer({ status, headers, text }: Answer): string {
  const isWhole =
    headers['access-control-allow-origin'] === '*' && headers['content-type'] === 'application/json';
  const { message, code } = JSON.parse(text);
  return isWhole && status >= 400 && isSentence(message) ? `${status} ${code}` : '';
}

function readProviders({ status, headers, text }: Answer): string {
  if (headers['content-type'] !== 'application/json; charset=utf-8') return '';
  const body = JSON.parse(text);
  if (status === 201) return Number.isSafeInteger(body.id) && !('password' in body) ? 'accepted' : '';
  return isSentence(body.message) && Object.values(body.errors).flat().every(isSentence)
    ? String(status)
    : '';
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
