import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../../src/core/account.ts';
import { rollingBudget } from '../../../src/core/budget.ts';
import { createIds } from '../../../src/core/id.ts';
import type { RecordKind } from '../../../src/store/registry.ts';
import { type LeaseId, type NewMessage, NO_LANE, type Store } from '../../../src/store/store.ts';
import { until } from '../../helpers/gates/gate.ts';
import { finishOf } from '../../helpers/stores/store-finish.ts';
import { address, type MessageSettings, newMessage } from '../../helpers/stores/store-message.ts';
import { LEASE_MS, type MakeHarness, type StoreHarness } from '../../helpers/stores/store-rig.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 21, 12);

interface Node {
  readonly store: Store;
  readonly lease: LeaseId;
  newMessage(settings?: MessageSettings): NewMessage;
}

/** What an engine must do that many nodes may use at once. */
export function describeManyNodes(name: string, makeHarness: MakeHarness): void {
  describe(`two nodes on one database, ${name}`, () => {
    let harness: StoreHarness;
    let clock = START;
    let one: Node;
    let other: Node;

    beforeEach(async () => {
      clock = START;
      harness = await makeHarness();
      // At once: only one of them may make the tables.
      [one, other] = await Promise.all([start(), start()]);
    });
    afterEach(async () => {
      await Promise.all([one.store.close(), other.store.close()]);
      await harness.remove();
    });

    async function start(): Promise<Node> {
      const store = await harness.open({ now: () => clock, maxQueued: 1_000 });
      const { lease, node } = await store.nodes.join({ now: clock, leaseMs: LEASE_MS, host: 'test', pid: 1 });
      const newId = createIds(node, () => clock);
      return { store, lease, newMessage: more => newMessage(newId(), clock, more) };
    }

    /** A message that bounced. */
    async function endedMessage(node: Node): Promise<string> {
      const message = node.newMessage({ lease: node.lease });
      await node.store.queue.enqueue(message);
      const result = { index: 0, state: 'bounced' } as const;
      const end = { account: 1, lease: node.lease, at: clock, attempts: [], results: [result], lane: 1 };
      await node.store.queue.finish({ id: message.id, ...end });
      return message.id;
    }

    const claimAll = ({ store, lease }: Node, limit = 1_000) =>
      store.queue.claim({ lane: 1, lease, now: clock, limit, maxBytes: 1e9 });

    test('hear of changes of the registry that the other made', async () => {
      const heard: RecordKind[] = [];
      other.store.registry.onChange(kind => heard.push(kind));
      await one.store.registry.add('account', 'a', account);
      await until(() => heard.includes('account'), 'the change to be heard');
      expect(await other.store.registry.list('account')).toEqual([account(1)]);
      heard.length = 0;
      await one.store.registry.remove('account', 1);
      await until(() => heard.includes('account'), 'the removal to be heard');
      expect(await other.store.registry.list('account')).toEqual([]);
    });

    test('hear of events that the other wrote', async () => {
      let count = 0;
      other.store.history.onEvents(() => {
        count += 1;
      });
      const message = one.newMessage({ lease: one.lease });
      await one.store.queue.enqueue(message);
      await until(() => count > 0, 'the event to be heard');
      const events = await other.store.history.events({ after: '0', limit: 9 });
      expect(events.map(({ type, messageId }) => [type, messageId])).toEqual([['accepted', message.id]]);
    });

    test('take what the other gives back, or never took', async () => {
      const held = one.newMessage({ lease: one.lease });
      const waiting = one.newMessage();
      await Promise.all([one.store.queue.enqueue(held), one.store.queue.enqueue(waiting)]);
      const ids = async () => (await claimAll(other)).messages.map(({ id }) => id);
      expect(await ids()).toEqual([waiting.id]);
      await one.store.queue.release({ id: held.id, lease: one.lease, lane: 1, dueAt: clock });
      expect(await ids()).toEqual([held.id]);
    });

    test('never hold one message both', async () => {
      await Promise.all(Array.from({ length: 200 }, () => one.store.queue.enqueue(one.newMessage())));
      const claims = Array.from({ length: 10 }, () => [claimAll(one, 20), claimAll(other, 20)]);
      const taken = (await Promise.all(claims.flat())).flatMap(({ messages }) =>
        messages.map(({ id }) => id),
      );
      expect(taken).toHaveLength(200);
      expect(new Set(taken).size).toBe(200);
    });

    test('make ids that differ, and finish only what is theirs', async () => {
      const message = one.newMessage({ lease: one.lease });
      await one.store.queue.enqueue(message);
      expect(other.newMessage().id).not.toBe(message.id);
      const [leased] = await one.store.queue.adopt({ from: one.lease, to: one.lease, limit: 1 });
      if (leased === undefined) throw new Error('It is not held.');
      const finish = finishOf(leased.message, other.lease, clock, [{ state: 'delivered' }]);
      expect(await other.store.queue.finish(finish)).toBe(false);
      expect(await one.store.queue.finish({ ...finish, lease: one.lease })).toBe(true);
    });

    test('have one winner of an idempotency key', async () => {
      const idempotency = { key: 'order 7', fingerprint: Buffer.alloc(32) };
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const node = i % 2 === 0 ? one : other;
          return node.store.queue.enqueue(node.newMessage({ idempotency }));
        }),
      );
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
    });

    test('draw from one budget, and never more than there is', async () => {
      const budgets = [rollingBudget('provider 1', 'hour', 50, clock)];
      const draws = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          (i % 2 === 0 ? one : other).store.limits.draw({ budgets, least: 1, most: 3, now: clock }),
        ),
      );
      expect(draws.reduce((sum, { granted }) => sum + granted, 0)).toBe(50);
    });

    test('find the other dead once its lease has run out, and it cannot come back', async () => {
      expect(await one.store.nodes.dead(clock, one.lease)).toEqual([]);
      const message = other.newMessage({ lease: other.lease });
      await other.store.queue.enqueue(message);
      await other.store.nodes.journal.dot({
        id: message.id,
        attempt: 1,
        provider: 1,
        indexes: [0],
        refused: [],
      });
      clock += LEASE_MS - 1;
      expect(await one.store.nodes.renew(one.lease, clock + LEASE_MS)).toBe(true);
      clock += 1;
      expect(await one.store.nodes.dead(clock, one.lease)).toEqual([other.lease]);
      expect(await other.store.nodes.renew(other.lease, clock + LEASE_MS)).toBe(false);
      const adopted = await one.store.queue.adopt({ from: other.lease, to: one.lease, limit: 9 });
      expect(adopted).toMatchObject([{ message: { id: message.id }, facts: [{ attempt: 1, indexes: [0] }] }]);
    });

    test('let nobody journal a dot who was declared dead, though it knows nothing of that', async () => {
      const [sent, unsent] = [0, 1].map(() => other.newMessage({ lease: other.lease }));
      if (sent === undefined || unsent === undefined) throw new Error('There are two.');
      for (const message of [sent, unsent]) await other.store.queue.enqueue(message);
      const journal = async ({ id }: NewMessage) =>
        other.store.nodes.journal.dot({ id, attempt: 1, provider: 1, indexes: [0], refused: [] });
      clock += LEASE_MS;
      await one.store.nodes.renew(one.lease, clock + LEASE_MS);
      // It has run out, and nobody has looked.
      await journal(sent);
      expect(await one.store.nodes.dead(clock, one.lease)).toEqual([other.lease]);
      await expect(journal(unsent)).rejects.toMatchObject({ code: 'unavailable' });
      const adopted = await one.store.queue.adopt({ from: other.lease, to: one.lease, limit: 9 });
      expect(adopted).toMatchObject([
        { message: { id: sent.id }, facts: [{ attempt: 1 }] },
        { message: { id: unsent.id }, facts: [] },
      ]);
      await one.store.nodes.leave(other.lease);
      await expect(journal(unsent)).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('take from one balance, and never more than there is', async () => {
      const owner = address('ann@temp.test');
      await one.store.addresses.openBalance({ address: owner, whenNew: 30, now: clock });
      const cost = { address: owner, amount: 2, whenNew: 30, reason: 'no-balance' } as const;
      const charges = [{ kind: 'balance', ...cost }] as const;
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          const node = i % 2 === 0 ? one : other;
          return node.store.queue.enqueue(node.newMessage({ charges }));
        }),
      );
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(15);
      expect(results.filter(({ kind }) => kind === 'short')).toHaveLength(25);
      expect((await other.store.addresses.balance(owner))?.balance).toBe(0);
    });

    test('count what happened once, though both bring the figures up to date', async () => {
      const count = 1_200;
      await Promise.all(
        Array.from({ length: count }, (_, i) => {
          const node = i % 2 === 0 ? one : other;
          return node.store.queue.enqueue(node.newMessage());
        }),
      );
      let read = 0;
      await until(async () => {
        const slices = await Promise.all([one, other, one, other].map(({ store }) => store.index()));
        read += slices.reduce((sum, slice) => sum + slice);
        return read >= count;
      }, 'all events to be read');
      expect(read).toBe(count);
      const filter = { step: 'day', from: 0, to: clock + 1 } as const;
      expect(await other.store.reports.traffic(filter)).toMatchObject([{ type: 'accepted', amount: count }]);
    });

    test('purge what is old once, though both begin at the same time', async () => {
      const ids = await Promise.all(Array.from({ length: 300 }, () => endedMessage(one)));
      clock += 2 * DAY_MS;
      const kept = await endedMessage(other);
      const retention = { deliveredBodyMs: DAY_MS, otherBodyMs: DAY_MS, eventMs: 90 * DAY_MS };
      const purged = await Promise.all(
        [one, other, one, other].map(({ store }) => store.purge(retention, clock)),
      );
      expect(purged.reduce((sum, { bodies }) => sum + bodies, 0)).toBe(300);
      expect(await other.store.history.body(ids[0] ?? '')).toBe('gone');
      expect(await other.store.history.body(kept)).toBeInstanceOf(Buffer);
    });

    test('never purge the body of a message that the other has queued again', async () => {
      const ids = await Promise.all(Array.from({ length: 60 }, () => endedMessage(one)));
      // Far enough in the past for single bodies to go, and not for their whole day.
      clock += DAY_MS / 2;
      const retention = { deliveredBodyMs: 1, otherBodyMs: 1, eventMs: 90 * DAY_MS };
      const expiresAt = clock + DAY_MS;
      const retry = (id: string) => other.store.queue.retry({ id, now: clock, expiresAt });
      const [results] = await Promise.all([
        Promise.all(ids.map(retry)),
        one.store.purge(retention, clock),
        other.store.purge(retention, clock),
      ]);
      const queued = ids.filter((_, i) => results[i] === 'retried');
      const bodies = await Promise.all(queued.map(id => one.store.history.body(id)));
      expect(bodies.filter(body => body === 'gone')).toEqual([]);
      await one.store.queue.moveLane(NO_LANE, 1);
      const { messages } = await claimAll(one);
      expect(messages.map(({ id }) => id).sort()).toEqual(queued.sort());
    });

    test('know their places among the living', async () => {
      const [first = one, second = other] = [one, other].toSorted((a, b) => a.lease - b.lease);
      expect(await first.store.nodes.place(first.lease)).toEqual({ place: 0, of: 2 });
      expect(await second.store.nodes.place(second.lease)).toEqual({ place: 1, of: 2 });
      await first.store.nodes.leave(first.lease);
      expect(await second.store.nodes.place(second.lease)).toEqual({ place: 0, of: 1 });
    });

    test('renew leases that ran out while nobody looked', async () => {
      clock += LEASE_MS + 1;
      expect(await other.store.nodes.renew(other.lease, clock + LEASE_MS)).toBe(true);
      expect(await one.store.nodes.dead(clock, one.lease)).toEqual([]);
    });

    test('show a reader of the event log each event once, in one order, whoever writes', async () => {
      const seen: string[] = [];
      let after = '0';
      const read = async () => {
        const page = await other.store.history.events({ after, limit: 50 });
        seen.push(...page.map(({ seq }) => seq));
        after = page.at(-1)?.seq ?? after;
      };
      for (let round = 0; round < 15; round++) {
        const writers = [one, other, one, other].map(({ store, newMessage }) =>
          store.queue.enqueue(newMessage()),
        );
        await read();
        await Promise.all(writers);
      }
      await until(async () => {
        await read();
        return seen.length >= 60;
      }, 'all events to be read');
      const all = await one.store.history.events({ after: '0', limit: 100 });
      expect(seen).toEqual(all.map(({ seq }) => seq));
    });
  });
}

function account(id: number): Account {
  return {
    id,
    name: 'a',
    isEnabled: true,
    allowedSenders: [],
    limits: {},
    sendsNotices: true,
    webhook: null,
    createdAt: 0,
  };
}
