import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { apiOf } from '../helpers/gates/api.ts';
import { until } from '../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../helpers/gates/serve.ts';
import { type FuzzApi, fuzzRequests, powermtaApi, v1Api } from './http-requests.ts';

// The refusals for which a development gate has no cause, each said at least five times to generated valid messages.

const TIMES = 5;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);

let gate: ServedGate | undefined;
afterEach(async () => {
  await gate?.stop();
  gate = undefined;
});

/** Posts generated valid messages with a key; resolves with the answers as `status words`. */
async function post(
  api: (keys: { send: string; read: string; narrow: string }) => FuzzApi,
  key: string,
  count = TIMES,
) {
  const keys = { send: key, read: key, narrow: key };
  const valid = fuzzRequests(api(keys), SEED, count * 20).filter(({ kind }) => kind === 'valid');
  const answers: { status: number; text: string; retryAfter: number }[] = [];
  for (const { path, body } of valid.slice(0, count)) {
    const headers = { authorization: `Bearer ${key}` };
    const reply = await fetch(`${gate?.http}${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    const retryAfter = Number(reply.headers.get('retry-after'));
    answers.push({ status: reply.status, text: await reply.text(), retryAfter });
  }
  expect(answers).toHaveLength(count);
  return answers;
}

describe(`refusals that need a cause (FUZZ_SEED=${SEED})`, () => {
  test('a store without room', async () => {
    gate = await startServe({ settings: { 'limits.minFreeBytes': '1000 TiB' } });
    for (const { status, text, retryAfter } of await post(powermtaApi, gate.adminToken)) {
      expect([status, retryAfter > 0]).toEqual([503, true]);
      expect(text).toMatch(/^The queue has no capacity[^\n]*\n$/);
    }
    for (const { status, text, retryAfter } of await post(v1Api, gate.adminToken)) {
      expect([status, retryAfter > 0, JSON.parse(text).error.code]).toEqual([503, true, 'unavailable']);
    }
  });

  test('too many wrong keys', async () => {
    gate = await startServe({ settings: { development: 'false' } });
    const wrong = `pk_9_${'A'.repeat(27)}`;
    const [first, ...rest] = (await post(powermtaApi, wrong, 60)).map(({ status }) => status);
    expect([first, ...new Set(rest)]).toEqual([401, 401, 429]);
    for (const { status, text, retryAfter } of await post(powermtaApi, wrong)) {
      expect([status, retryAfter > 0]).toEqual([429, true]);
      expect(text).toMatch(/^Too many wrong credentials[^\n]*\n$/);
    }
    for (const { status, text, retryAfter } of await post(v1Api, wrong)) {
      expect([status, retryAfter > 0, JSON.parse(text).error.code]).toEqual([429, true, 'rate_limited']);
    }
  });

  test('content that retention has removed', async () => {
    const data = mkdtempSync(join(tmpdir(), 'postern-gone-'));
    gate = await startServe({ data });
    const accepted = await post(v1Api, gate.adminToken);
    const ids = accepted.map(({ text }) => JSON.parse(text).id as string);
    for (const id of ids) await until(() => isDelivered(id), `${id} to be delivered`);
    await gate.stop();
    gate = await startServe({ data, settings: { 'retention.deliveredBodyMs': 0 } });
    for (const id of ids) {
      const raw = await until(() => removed(id), `the content of ${id} to go`);
      expect(JSON.parse(raw)).toMatchObject({ error: { code: 'gone' } });
    }
    await gate.stop();
    gate = undefined;
    rmSync(data, { recursive: true, force: true });
  });
});

async function isDelivered(id: string): Promise<boolean> {
  if (gate === undefined) return false;
  const { recipients } = await apiOf(gate, gate.adminToken).story(id);
  return recipients.every(({ state }) => state === 'delivered');
}

/** The refusal to show a message's source, once it is one. */
async function removed(id: string): Promise<string | undefined> {
  if (gate === undefined) return undefined;
  const { status, text } = await apiOf(gate, gate.adminToken).call('GET', `/v1/messages/${id}/raw`);
  return status === 410 ? text : undefined;
}
