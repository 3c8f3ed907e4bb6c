import { type Answer, apiOf } from './api.ts';
import type { FullGate } from './five-apis.ts';

/** One way of handing in a message over HTTP. */
export interface SendingApi {
  readonly name: string;
  /** What each of its errors looks like. */
  readonly refusal: { readonly type: RegExp; readonly body: RegExp };
  /** Fields that become an address, a name, a header or a command, each with how a value is put there. */
  readonly fields: Readonly<Record<string, Placing>>;
  /** Where what must arrive unharmed goes. */
  readonly body: string;
  send(full: FullGate, fields: Readonly<Record<string, unknown>>): Promise<Answer>;
}

/** `part`: of an address that is good otherwise; `whole`: the value itself. */
export interface Placing {
  readonly kind: 'address' | 'name' | 'text' | 'header name' | 'token';
  place(value: string): unknown;
}

const address: Placing = { kind: 'address', place: value => `a${value}@sender.test` };
const domain: Placing = { kind: 'address', place: value => `a@sender.test${value}` };
const named: Placing = { kind: 'name', place: value => `"Ada ${value}" <ada@rcpt.test>` };
const text: Placing = { kind: 'text', place: value => `Hello ${value}` };

const JSON_ERROR = /^application\/json/;
const TEXT_ERROR = /^text\/plain/;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Every API that sends, with all its fields. */
export const SENDING_APIS: readonly SendingApi[] = [
  {
    name: 'PowerMTA',
    refusal: { type: TEXT_ERROR, body: /^[^\r\n]+\n?$/ },
    body: 'text',
    fields: {
      from: address,
      'domain of from': { ...domain, place: value => `a@sender.test${value}` },
      sender: address,
      to: address,
      cc: address,
      bcc: address,
      replyto: address,
      'name of from': { kind: 'name', place: value => ({ name: `Ada ${value}`, address: 'a@sender.test' }) },
      'name of to': { kind: 'name', place: value => ({ name: `Ada ${value}`, address: 'ada@rcpt.test' }) },
      subject: text,
    },
    send: ({ gate }, fields) =>
      apiOf(gate).call('POST', '/messages', withDefaults(fields, { subject: 'x', text: 'x' })),
  },
  {
    name: '/v1',
    refusal: { type: JSON_ERROR, body: /^\{"error":\{"code":"[a-z_]+","message":"/ },
    body: 'text',
    fields: {
      from: address,
      'domain of from': domain,
      to: address,
      cc: address,
      bcc: address,
      replyTo: address,
      'name of from': { kind: 'name', place: value => ({ name: `Ada ${value}`, address: 'a@sender.test' }) },
      'name of to': named,
      subject: text,
      'value of headers': { kind: 'text', place: value => ({ 'X-Order': `1 ${value}` }) },
      'name of headers': { kind: 'header name', place: value => ({ [`X-Order${value}`]: '1' }) },
      tags: { kind: 'text', place: value => [`order${value}`] },
      'filename of attachments': {
        kind: 'text',
        place: value => [{ filename: `a${value}.txt`, content: 'eA==' }],
      },
      'contentType of attachments': {
        kind: 'token',
        place: value => [{ filename: 'a', contentType: `text/plain${value}`, content: 'eA==' }],
      },
      'cid of attachments': {
        kind: 'text',
        place: value => [{ filename: 'a', cid: `part${value}`, content: 'eA==' }],
      },
    },
    send: ({ gate, key }, fields) =>
      apiOf(gate, key).call('POST', '/v1/messages', withDefaults(fields, { subject: 'x', text: 'x' })),
  },
  ...(['/api/mail/send', '/api/v2/mail/send'] as const).map(
    (path): SendingApi => ({
      name: `turboSMTP ${path}`,
      refusal: {
        type: JSON_ERROR,
        body: /^(\{"message":"error","errors":\["|\{"errorCode":3,)/,
      },
      body: 'content',
      fields: {
        from: address,
        'domain of from': domain,
        to: address,
        cc: address,
        bcc: address,
        reply_to: address,
        'name of from': { kind: 'name', place: value => `Ada ${value} <a@sender.test>` },
        'name of to': { kind: 'name', place: value => `Ada ${value} <ada@rcpt.test>` },
        subject: text,
        'value of custom_headers': { kind: 'text', place: value => ({ 'X-Order': `1 ${value}` }) },
        'name of custom_headers': { kind: 'header name', place: value => ({ [`X-Order${value}`]: '1' }) },
        'name of attachments': {
          kind: 'text',
          place: value => [{ name: `a${value}.txt`, type: 'text/plain', content: 'eA==' }],
        },
        'type of attachments': {
          kind: 'token',
          place: value => [{ name: 'a', type: `text/plain${value}`, content: 'eA==' }],
        },
        'content_id of attachments': {
          kind: 'text',
          place: value => [{ name: 'a', type: 'text/plain', content_id: `c${value}`, content: 'eA==' }],
        },
      },
      send: ({ gate, key }, fields) =>
        apiOf(gate).call('POST', path, withDefaults(fields, { subject: 'x', content: 'x' }), {
          ...JSON_TYPE,
          authuser: 'default',
          authpass: key,
        }),
    }),
  ),
  {
    name: 'SMTP Mailer',
    refusal: { type: JSON_ERROR, body: /^\{"message":"/ },
    body: 'text',
    fields: {
      from: address,
      'domain of from': domain,
      to: address,
      cc: address,
      bcc: address,
      replyTo: address,
      'name of to': named,
      subject: text,
    },
    send: ({ gate, sink }, fields) =>
      apiOf(gate).call('POST', '/api/smtp', withDefaults(fields, { subject: 'x', text: 'x' }), {
        ...JSON_TYPE,
        ...{ server: '127.0.0.1', port: String(sink.port), secure: 'false' },
        ...{ email: 'a@sender.test', password: 'secret' },
      }),
  },
  {
    name: 'temp-mail',
    refusal: { type: TEXT_ERROR, body: /^(Failed to send mail [^\r\n]+|Invalid input)$/ },
    body: 'content',
    fields: {
      to_mail: address,
      'domain of to_mail': domain,
      from_name: { kind: 'name', place: value => `Ada ${value}` },
      to_name: { kind: 'name', place: value => `Ada ${value}` },
      subject: text,
    },
    send: async (full, fields) =>
      apiOf(full.gate).call('POST', '/external/api/send_mail', {
        ...{ from_name: 'Shop', to_name: 'Ada', to_mail: 'ada@rcpt.test' },
        ...{ subject: 'x', content: 'x', is_html: false },
        ...byField(fields),
        token: await full.token(),
      }),
  },
];

/** The name of a placing may say more than the field: `name of to`. */
function byField(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace(/^.* of /, ''), value]),
  );
}

function withDefaults(fields: Readonly<Record<string, unknown>>, texts: object): object {
  return { from: 'a@sender.test', to: 'ada@rcpt.test', ...texts, ...byField(fields) };
}
