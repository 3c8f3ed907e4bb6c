import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../core/address.ts';
import { createIds } from '../core/id.ts';
import type { Reply } from '../core/outcome.ts';
import type { UnknownPolicy } from '../core/settle.ts';
import { openStore } from '../store/open-store.ts';
import type { LeaseId, NewMessage, Store } from '../store/store.ts';
import { createRescue, type Rescued } from './rescue.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const OK: Reply = { code: 250, text: 'queued' };
const newId = createIds(1, () => NOW);

let folder: string;
let store: Store;
let dead: LeaseId;

const open = () =>
  openStore(`sqlite:${join(folder, 'store.sqlite')}`, { now: () => NOW, minFreeBytes: 0, maxQueued: 100 });
const joinAsNode = async () =>
  (await store.nodes.join({ now: NOW, leaseMs: 15_000, host: 'test', pid: 1 })).lease;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-rescue-'));
  store = await open();
  dead = await joinAsNode();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Stores a message under the lease of the process that dies. */
async function leased(...to: string[]): Promise<string> {
  const id = newId();
  const message: NewMessage = {
    ...{ id, account: 1, dialect: 'test', mime: Buffer.from('x\r\n'), eightBit: false, smtputf8: false },
    ...{
      from: '',
      subject: '',
      messageIdHeader: `<${id}@x.test>`,
      tags: [],
      metadata: {},
      priority: 'normal',
    },
    ...{ lane: 7, createdAt: NOW, dueAt: NOW, expiresAt: NOW + 60 * MINUTE, lease: dead },
    envelope: { sender: '', recipients: to as Address[] },
  };
  await store.queue.enqueue(message);
  return id;
}

function dot(id: string, attempt: number, indexes: number[], reply?: Reply): void {
  void store.nodes.journal.dot({ id, attempt, provider: 7, indexes, refused: [] });
  if (reply !== undefined) store.nodes.journal.replied({ id, attempt, reply });
}

/** The process dies, and the next one takes over its messages. */
async function takeOver(unknown: UnknownPolicy = 'retry'): Promise<Rescued> {
  await store.close();
  store = await open();
  const policy = { unknown, unknownRetryMs: 10 * MINUTE };
  return createRescue({ store, lease: await joinAsNode(), now: () => NOW, random: () => 0.5, policy })();
}

async function statesOf(id: string): Promise<[string, number | undefined][]> {
  const view = await store.history.message(id);
  return (view?.recipients ?? []).map(({ state, dueAt }) => [state, dueAt]);
}

async function lastEvent(id: string) {
  return (await store.history.events({ after: '0', limit: 10, messageId: id })).at(-1);
}

describe('a message of a dead process', () => {
  test('is due at once when its dot was not sent', async () => {
    const id = await leased('a@x.test');
    expect(await takeOver()).toEqual({ notSent: 1, answered: 0, unknown: 0 });
    expect(await statesOf(id)).toEqual([['queued', NOW]]);
  });

  test.each<[Reply, string]>([
    [OK, 'delivered'],
    [{ code: 550, text: 'no' }, 'bounced'],
    [{ code: 450, text: 'later' }, 'deferred'],
  ])('gets the result of the reply to the dot: %j', async (reply, state) => {
    const id = await leased('a@x.test');
    dot(id, 1, [0], reply);
    expect(await takeOver()).toEqual({ notSent: 0, answered: 1, unknown: 0 });
    expect((await statesOf(id))[0]?.[0]).toBe(state);
    expect(await store.history.attempts(id)).toMatchObject([
      { number: 1, provider: 7, phase: 'done', reply },
    ]);
  });

  test.each<[UnknownPolicy, number | undefined]>([
    ['retry', NOW + 10 * MINUTE],
    ['hold', NOW + 60 * MINUTE],
  ])('is unknown without a reply to the dot, and due again by the policy "%s"', async (policy, dueAt) => {
    const id = await leased('a@x.test');
    dot(id, 1, [0]);
    expect(await takeOver(policy)).toEqual({ notSent: 0, answered: 0, unknown: 1 });
    expect(await statesOf(id)).toEqual([['unknown', dueAt]]);
  });

  test('is delivered, and marked as assumed, by the policy "assumeDelivered"', async () => {
    const id = await leased('a@x.test');
    dot(id, 1, [0]);
    await takeOver('assumeDelivered');
    expect(await statesOf(id)).toEqual([['delivered', undefined]]);
    expect(await lastEvent(id)).toMatchObject({ type: 'delivered', data: { assumed: true, attempt: 1 } });
  });

  test('keeps the results of each of its transactions', async () => {
    const id = await leased('a@x.test', 'b@x.test', 'c@x.test');
    dot(id, 1, [0], OK);
    dot(id, 2, [1]);
    await takeOver();
    expect(await statesOf(id)).toEqual([
      ['delivered', undefined],
      ['unknown', NOW + 10 * MINUTE],
      ['queued', NOW],
    ]);
    expect((await store.history.attempts(id)).map(({ number, phase }) => [number, phase])).toEqual([
      [1, 'done'],
      [2, 'dot'],
    ]);
  });
});
