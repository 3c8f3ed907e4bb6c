import fc from 'fast-check';
import { mutated } from '../suites/dialect.ts';
import { address, line, mailbox, mailboxes, name, text } from './mail-values.ts';

/** A request to throw at the gate. */
export interface FuzzRequest {
  readonly kind: 'valid' | 'mutated' | 'faulty' | 'garbage';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Keys of a gate that the requests use. */
export interface FuzzKeys {
  readonly send: string;
  /** Has the scope `read` alone. */
  readonly read: string;
  /** Of an account that may send as `narrow.test` alone. */
  readonly narrow: string;
}

/** How an API is called, and which requests it must refuse, by the name of the refusal. */
export interface FuzzApi {
  readonly path: string;
  readonly valid: fc.Arbitrary<ValidRequest>;
  readonly headers: Readonly<Record<string, string>>;
  readonly faulty: readonly FaultyRequest[];
}

/** What it says of a request goes before what its API has for all. */
export type ValidRequest = Partial<Omit<FuzzRequest, 'kind' | 'body'>> & { readonly body: Buffer };
type FaultyRequest = Partial<Omit<FuzzRequest, 'kind' | 'body'>> & { readonly body?: string };

const SHARES = [
  ['valid', 25],
  ['mutated', 40],
  ['faulty', 25],
  ['garbage', 10],
] as const;

/** So many requests: good ones, good ones with a few bytes changed, ones with a known fault, and noise. */
export function fuzzRequests(api: FuzzApi, seed: number, count: number): FuzzRequest[] {
  const { path, headers } = api;
  const whole = { method: 'POST', path, headers };
  const byKind: Record<FuzzRequest['kind'], fc.Arbitrary<FuzzRequest>> = {
    valid: api.valid.map(good => ({ ...whole, ...good, kind: 'valid' })),
    mutated: api.valid.chain(good =>
      mutated([good.body]).map(body => ({ ...whole, ...good, kind: 'mutated', body })),
    ),
    faulty: fc
      .constantFrom(...api.faulty)
      .map(fault => ({ ...whole, ...fault, kind: 'faulty', body: Buffer.from(fault.body ?? '') })),
    garbage: fc
      .oneof(
        fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
        fc.json().map(json => Buffer.from(json)),
      )
      .map(body => ({ ...whole, kind: 'garbage', body })),
  };
  const arbitrary = fc.oneof(...SHARES.map(([kind, weight]) => ({ weight, arbitrary: byKind[kind] })));
  return fc.sample(arbitrary, { seed, numRuns: count });
}

/** A request whose body is this in JSON. */
export function inJson(value: object): ValidRequest {
  return { body: Buffer.from(JSON.stringify(value)) };
}

/** The PowerMTA API. */
export function powermtaApi(keys: FuzzKeys): FuzzApi {
  const to = '"from":"a@b.test","to"';
  const good = `{${to}:"c@d.test"}`;
  return {
    path: '/messages',
    headers: {},
    valid: powermtaMessage().map(inJson),
    faulty: [
      { body: '' },
      { body: '{"from"' },
      { body: '{from:1}' },
      { body: '[]' },
      { body: `{${to}:"c@d.test","subject":5}` },
      { body: '{"from":{"address":5}}' },
      { body: '{"to":[null]}' },
      { body: '{"to":"c@d.test"}' },
      { body: '{"from":"a@b.test"}' },
      { body: `{${to}:"c@d.test","subject":"a\\nb"}` },
      { body: `{${to}:"c@d.test","text":"\\u0000"}` },
      { body: JSON.stringify({ from: 'a@b.test', to: manyRecipients() }) },
      { body: good, headers: { authorization: 'Bearer pk_1_wrong' } },
      { body: good, headers: { origin: 'https://evil.example' } },
      { body: good, headers: { authorization: `Bearer ${keys.read}` } },
      { body: good, headers: { authorization: `Bearer ${keys.narrow}` } },
      { body: good, headers: { 'content-encoding': 'gzip' } },
      { headers: { 'content-length': String(2 ** 30) } },
      { body: good, path: '/messages/1' },
      { method: 'DELETE' },
    ],
  };
}

/** Our own API. */
export function v1Api(keys: FuzzKeys): FuzzApi {
  const good = '{"from":"a@b.test","to":"c@d.test"}';
  const authorization = { authorization: `Bearer ${keys.send}` };
  return {
    path: '/v1/messages',
    headers: authorization,
    valid: v1Message().map(inJson),
    faulty: [
      { body: '' },
      { body: '{' },
      { body: '['.repeat(100) },
      { body: '{"from":"a@b.test","to":["c@d.test",5],"text":7,"x":1}' },
      { body: JSON.stringify({ from: 'a@b.test', to: manyRecipients() }) },
      { body: good, headers: {} },
      { body: good, headers: { authorization: `Bearer ${keys.read}` } },
      { body: good, headers: { authorization: `Bearer ${keys.narrow}` } },
      { body: good, path: '/v1/providers' },
      { body: good, headers: { ...authorization, 'content-encoding': 'br' } },
      { headers: { ...authorization, 'content-length': String(2 ** 30) } },
      { method: 'GET', path: '/v1/messages/0000000000000' },
      { method: 'POST', path: '/v1/messages/0000000000000/cancel' },
      { method: 'GET', path: '/v1/messages?state=lost' },
      { method: 'GET', path: '/nothing' },
      { method: 'PUT', body: good },
      ...['1', '2'].map(subject => ({
        body: `{"from":"a@b.test","to":"c@d.test","subject":"${subject}"}`,
        headers: { ...authorization, 'idempotency-key': 'taken' },
      })),
    ],
  };
}

/** One more than the gate takes. */
export function manyRecipients(): string[] {
  return Array.from({ length: 1_001 }, (_, index) => `r${index}@d.test`);
}

function powermtaMessage(): fc.Arbitrary<object> {
  const optional = {
    sender: address,
    cc: mailboxes,
    bcc: mailboxes,
    replyto: mailbox,
    subject: line,
    text,
    html: text,
  };
  return fc.record({ from: mailbox, to: mailboxes, ...optional }, { requiredKeys: ['from', 'to'] });
}

function v1Message(): fc.Arbitrary<object> {
  const attachment = fc.record(
    {
      content: fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes).toString('base64')),
      filename: name.map(part => `${part.replace(/[/]/g, '')}.bin`),
      contentType: fc.constantFrom('application/pdf', 'image/png', 'text/plain; charset="utf-8"'),
      cid: fc.stringMatching(/^[a-z0-9]{1,9}@x$/),
    },
    { requiredKeys: ['content'] },
  );
  return fc.record(
    {
      from: mailbox,
      to: mailboxes,
      cc: mailboxes,
      bcc: mailboxes,
      replyTo: mailboxes,
      subject: line,
      text,
      html: text,
      attachments: fc.array(attachment, { maxLength: 3 }),
      headers: fc.dictionary(fc.stringMatching(/^X-T[A-Za-z]{0,8}$/), name, { maxKeys: 3 }),
      tags: fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 3 }),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), line, { maxKeys: 3 }),
      priority: fc.constantFrom('high', 'normal', 'bulk'),
    },
    { requiredKeys: ['from', 'to'] },
  );
}
