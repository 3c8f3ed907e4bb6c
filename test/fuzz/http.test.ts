import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGate, startGate, until } from '../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../helpers/mail-servers/smtp-sink.ts';
import { mutated } from '../suites/dialect.ts';
import { type FuzzKeys, fuzzRequests, powermtaApi, v1Api } from './http-requests.ts';
import { type Answer, CONNECTIONS, createThrower, type Thrower } from './throw-requests.ts';

const COUNT = 2_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const MIB = 1024 * 1024;
/** Past what is read (32), and within what a refused client may still say (64 more) before its connection is cut. */
const FAR_TOO_MUCH_MIB = 80;

let gate: RunningGate;
let sink: SmtpSink;
let keys: FuzzKeys;
let thrower: Thrower;

beforeAll(async () => {
  sink = await startSmtpSink();
  gate = await startGate({ smarthost: `${sink.host}:${sink.port}` });
  thrower = createThrower(gate.http);
  const read = await makeKey({ name: 'reader', scopes: ['read'], account: 'default' });
  const newAccount = { allowedSenders: ['@narrow.test'] };
  const narrow = await makeKey({ name: 'narrow', scopes: ['send'], account: 'narrow', newAccount });
  keys = { send: gate.key, read, narrow };
});

async function makeKey(key: object): Promise<string> {
  const headers = { authorization: `Bearer ${gate.adminToken}` };
  const body = Buffer.from(JSON.stringify(key));
  const answer = await thrower.send({ kind: 'valid', method: 'POST', path: '/v1/keys', headers, body });
  return JSON.parse(answer.text).secret;
}

afterAll(async () => {
  thrower?.close();
  await gate?.stop();
  await sink?.close();
});

// What PowerMTA's words begin with, each a refusal of its own.
const POWERMTA_REFUSALS = [
  '400 EOF',
  '400 unexpected EOF',
  '400 invalid character',
  '400 json: cannot unmarshal array into Go value',
  '400 json: cannot unmarshal number into Go struct field message.Subject',
  '400 cannot decode "{\\"address\\":5}" as address',
  '400 cannot decode "[null]" as address list',
  '400 "from" missing',
  '400 no recipients',
  '400 subject: must not',
  '400 text: must not',
  '400 There are 1001 recipients',
  '401 A key is needed',
  '401 The key is wrong',
  '403 The key does not have the scope',
  '403 The account narrow may not send as',
  '404 404 page not found',
  '405 Use POST or PUT',
  '413 The body is larger',
  '415 Content-Encoding',
];

const V1_REFUSALS = [
  '400 malformed',
  '400 invalid',
  '400 too_many_recipients',
  '401 unauthenticated',
  '403 forbidden',
  '403 sender_not_allowed',
  '404 not_found',
  '405 method_not_allowed',
  '409 conflict',
  '413 too_large',
  '415 unsupported',
];

const apis = [
  { name: 'PowerMTA', api: powermtaApi, read: readPowermta, refusals: POWERMTA_REFUSALS },
  { name: '/v1', api: v1Api, read: readV1, refusals: V1_REFUSALS },
];

describe(`generated requests (FUZZ_SEED=${SEED})`, () => {
  test.each(apis)(
    'to the $name API are accepted and delivered, or refused in its words',
    async ({ api, read, refusals }) => {
      const requests = fuzzRequests(api(keys), SEED, COUNT);
      expect(requests.filter(({ kind }) => kind === 'mutated').length).toBeGreaterThan(COUNT / 3);
      const before = sink.messages.length;
      const told = await thrower.throwAll(requests, read);

      const accepted = new Set(
        told.filter(({ outcome }) => outcome.startsWith('accepted')).map(({ outcome }) => outcome),
      );
      await until(() => sink.messages.length - before >= accepted.size, 'the accepted messages');
      for (const { bytes } of sink.messages.slice(before)) await expectMail(bytes);
      expect(sink.messages.length - before).toBe(accepted.size);

      for (const refusal of refusals) {
        const hits = told.filter(({ outcome }) => outcome.startsWith(refusal)).length;
        expect(hits, `${refusal}, of ${told.length}`).toBeGreaterThanOrEqual(5);
      }
    },
  );

  test('whose very HTTP is broken get a status that blames the caller, or no answer', async () => {
    const body = '{"from":"a@b.test","to":"c@d.test"}';
    const whole = Buffer.from(
      `POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const broken = fc.sample(mutated([whole, Buffer.concat([whole, whole])]), { seed: SEED, numRuns: 1_000 });
    for (let start = 0; start < broken.length; start += CONNECTIONS) {
      const answers = await Promise.all(broken.slice(start, start + CONNECTIONS).map(talk));
      for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 [24]\d\d .*)?$/s);
    }
  });

  test('leave the process as it was', async () => {
    const answer = await thrower.send({
      kind: 'valid',
      method: 'GET',
      path: '/readyz',
      headers: {},
      body: Buffer.alloc(0),
    });
    expect(answer.status).toBe(200);
    expect(gate.log()).not.toContain('failed with a bug');
  });
});

describe('bodies over the limit', () => {
  test('are not kept, with a length or without one', async () => {
    const before = residentBytes(gate.pid);
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendEndless('/messages')));
    expect(answers).toEqual(Array(8).fill(413));
    // Eight bodies of 32 MiB at most may be half-read at once, and nothing of the rest may stay.
    expect(residentBytes(gate.pid) - before).toBeLessThan(8 * 40 * MIB);
  });
});

/** '' when the answer is not in the API's form. */
function readPowermta({ status, headers, text }: Answer, index: number): string {
  if (status === 200) {
    return text === '' && headers['content-length'] === '0' && headers['content-type'] === undefined
      ? `accepted ${index}`
      : '';
  }
  const isLine = /^[^\r\n]+\n$/.test(text) && headers['content-type'] === 'text/plain; charset=utf-8';
  return isLine && headers['x-content-type-options'] === 'nosniff' ? `${status} ${text.trimEnd()}` : '';
}

function readV1({ status, text }: Answer): string {
  const body = JSON.parse(text);
  if (status === 202) return `accepted ${body.id}`;
  if (status === 200) return '200';
  const { code, message, problems } = body.error;
  const isWhole =
    typeof message === 'string' && Array.isArray(problems) && (code !== 'invalid' || problems.length > 0);
  return isWhole ? `${status} ${code}` : '';
}

async function expectMail(bytes: Buffer): Promise<void> {
  const mail = await PostalMime.parse(bytes);
  expect(mail.from?.address, bytes.toString('latin1')).toMatch(/@/);
  expect(mail.messageId, bytes.toString('latin1')).toMatch(/^<[^<>\s]+@[^<>\s]+>$/);
}

/** Sends bytes, says that there are no more, and collects what comes back. */
async function talk(bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(gate.http);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', chunk => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.end(bytes);
  await once(socket, 'close');
  return received;
}

/** Sends a body without length or end until it is refused. */
function sendEndless(path: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest(new URL(path, gate.http), {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
  });
  const chunk = Buffer.alloc(MIB, 0x20);
  let leftMib = FAR_TOO_MUCH_MIB;
  const more = () => {
    while (!request.destroyed && leftMib-- > 0 && request.write(chunk));
  };
  request.on('error', reject);
  request.on('drain', more);
  request.on('response', response => {
    resolve(response.statusCode);
    response.resume();
    request.off('drain', more).on('error', () => {});
    request.destroy();
  });
  more();
  return promise;
}

function residentBytes(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
  return Number(pages) * 4_096;
}
