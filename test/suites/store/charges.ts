import { describe, expect, test } from 'vitest';
import { calendarBudget, rollingBudget } from '../../../src/core/budget.ts';
import type { Charge } from '../../../src/core/submission.ts';
import type { NewMessage } from '../../../src/store/store.ts';
import { address } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

const HOLDER = address('holder@temp.test');

export function describeCharges(open: OpenRig): void {
  describe('what a message costs', () => {
    test('is taken with its acceptance', async () => {
      const rig = await open();
      expect(await enqueue(rig, perMinute(rig, 3), fromBalance(2))).toEqual({ kind: 'accepted' });
      expect([await leftPerMinute(rig), await balance(rig)]).toEqual([7, 8]);
    });

    test('is taken whole or not at all, wherever the shortage is', async () => {
      const rig = await open();
      for (const charges of [
        [perMinute(rig, 3), fromBalance(11)],
        [fromBalance(3), perMinute(rig, 11)],
      ]) {
        expect(await enqueue(rig, ...charges)).toEqual({ kind: 'short', charge: 1 });
        expect([await leftPerMinute(rig), await balance(rig)]).toEqual([10, undefined]);
      }
    });

    test('when there is not enough, leaves nothing of the message', async () => {
      const rig = await open();
      const idempotency = { key: 'order-4711', fingerprint: Buffer.alloc(32) };
      const sentItem = { address: HOLDER, raw: '{}' };
      const message = rig.newMessage({ charges: [fromBalance(11)], sentItem, idempotency });
      expect(await rig.store.queue.enqueue(message)).toEqual({ kind: 'short', charge: 0 });
      expect(await rig.store.history.message(message.id)).toBeUndefined();
      expect(await rig.events()).toEqual([]);
      expect(await rig.claim()).toEqual([]);
      expect(await sentTexts(rig)).toEqual([]);
      const again = rig.newMessage({ idempotency });
      expect(await rig.store.queue.enqueue(again)).toEqual({ kind: 'accepted' });
    });

    test('frees the place in the queue again when there is not enough', async () => {
      const rig = await open({ maxQueued: 1 });
      expect((await enqueue(rig, fromBalance(11))).kind).toBe('short');
      expect((await enqueue(rig, fromBalance(10))).kind).toBe('accepted');
      expect((await enqueue(rig)).kind).toBe('full');
    });

    test('does not keep others of its turn from being accepted', async () => {
      const rig = await open();
      const short = rig.newMessage({ charges: [perMinute(rig, 1), fromBalance(11)] });
      const [first, second] = [rig.newMessage(), rig.newMessage({ charges: [perMinute(rig, 4)] })];
      const results = await Promise.all([first, short, second].map(one => put(rig, one)));
      expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'short', 'accepted']);
      expect(await leftPerMinute(rig)).toBe(6);
      expect((await rig.claim()).map(({ id }) => id)).toEqual([first.id, second.id]);
    });

    test('is seen by the other messages of its turn', async () => {
      const rig = await open();
      const results = await Promise.all([4, 5, 2, 1].map(amount => enqueue(rig, perMinute(rig, amount))));
      expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'short', 'accepted']);
      expect(await leftPerMinute(rig)).toBe(0);
    });

    test('adds up where two charges are on one counter', async () => {
      const rig = await open();
      expect(await enqueue(rig, perMinute(rig, 6), perMinute(rig, 6))).toMatchObject({ charge: 1 });
      expect(await enqueue(rig, fromBalance(6), fromBalance(6))).toMatchObject({ charge: 1 });
      expect(await leftPerMinute(rig)).toBe(10);
    });

    test('comes out of the same counters as draws do', async () => {
      const rig = await open();
      const budgets = [minute(rig)];
      await rig.store.limits.draw({ budgets, least: 8, most: 8, now: rig.now() });
      expect((await enqueue(rig, perMinute(rig, 3))).kind).toBe('short');
      await rig.hurry(rig.store.limits.giveBack({ budgets, amount: 1 }));
      expect((await enqueue(rig, perMinute(rig, 3))).kind).toBe('accepted');
    });

    test('is not taken again from who repeats the same submission', async () => {
      const rig = await open();
      const idempotency = { key: 'order-4711', fingerprint: Buffer.alloc(32) };
      const sentItem = { address: HOLDER, raw: '{}' };
      const same = () =>
        rig.newMessage({ charges: [perMinute(rig, 6), fromBalance(6)], idempotency, sentItem });
      const results = await Promise.all([same(), same()].map(one => put(rig, one)));
      results.push(await put(rig, same()));
      expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'replayed', 'replayed']);
      const other = { ...same(), idempotency: { ...idempotency, fingerprint: Buffer.alloc(32, 1) } };
      expect((await put(rig, other)).kind).toBe('key-taken');
      expect([await leftPerMinute(rig), await balance(rig)]).toEqual([4, 4]);
      expect(await sentTexts(rig)).toEqual(['{}']);
    });

    test('is not taken from a message that the queue has no room for', async () => {
      const rig = await open({ maxQueued: 0 });
      expect((await enqueue(rig, perMinute(rig, 6), fromBalance(6))).kind).toBe('full');
      expect([await leftPerMinute(rig), await balance(rig)]).toEqual([10, undefined]);
    });

    test('stays taken across a restart', async () => {
      const rig = await open();
      const today = (): Charge => ({
        kind: 'budget',
        budget: calendarBudget('quota', 'day', 10, rig.now()),
        amount: 6,
      });
      await enqueue(rig, today(), fromBalance(6));
      await rig.restart();
      expect(await enqueue(rig, today())).toMatchObject({ kind: 'short', charge: 0 });
      expect(await enqueue(rig, fromBalance(6))).toEqual({ kind: 'short', charge: 0 });
    });
  });

  describe('a message whose budget is used up', () => {
    test('is told when there may be enough', async () => {
      const rig = await open();
      const { expiresAt } = minute(rig);
      await enqueue(rig, perMinute(rig, 7));
      rig.advance(20_000);
      await enqueue(rig, perMinute(rig, 3));
      expect(await enqueue(rig, perMinute(rig, 7))).toEqual({ kind: 'short', charge: 0, retryAt: expiresAt });
      expect(await enqueue(rig, perMinute(rig, 8))).toMatchObject({ retryAt: expiresAt + 20_000 });
      rig.advance(expiresAt - rig.now());
      expect(await enqueue(rig, perMinute(rig, 7))).toEqual({ kind: 'accepted' });
    });

    test('is told no time when it costs more than the whole budget, and is never accepted', async () => {
      const rig = await open();
      expect(await enqueue(rig, perMinute(rig, 11))).toEqual({ kind: 'short', charge: 0 });
    });

    test('waits until the end of a day of the calendar', async () => {
      const rig = await open();
      const budget = calendarBudget('quota', 'day', 1, rig.now());
      const charge: Charge = { kind: 'budget', budget, amount: 1 };
      await enqueue(rig, charge);
      expect(await enqueue(rig, charge)).toEqual({ kind: 'short', charge: 0, retryAt: budget.expiresAt });
    });
  });

  describe('a message paid from a balance', () => {
    test('opens it with what new ones get', async () => {
      const rig = await open();
      await enqueue(rig, fromBalance(3));
      expect(await rig.store.addresses.balance(HOLDER)).toEqual({
        id: 1,
        address: HOLDER,
        balance: 7,
        isEnabled: true,
        createdAt: rig.now(),
      });
      await enqueue(rig, { ...fromBalance(3), whenNew: 500 });
      expect(await balance(rig)).toBe(4);
    });

    test('is accepted to the last unit, and no further', async () => {
      const rig = await open();
      expect(await enqueue(rig, fromBalance(10))).toEqual({ kind: 'accepted' });
      expect(await enqueue(rig, fromBalance(1))).toEqual({ kind: 'short', charge: 0 });
      expect(await balance(rig)).toBe(0);
    });

    test('is refused while the balance is disabled', async () => {
      const rig = await open();
      const { addresses } = rig.store;
      const { id } = await addresses.openBalance({ address: HOLDER, whenNew: 10, now: rig.now() });
      await addresses.setBalance({ id, address: HOLDER, balance: 10, isEnabled: false });
      expect(await enqueue(rig, fromBalance(1))).toEqual({ kind: 'short', charge: 0 });
      await addresses.setBalance({ id, address: HOLDER, balance: 10, isEnabled: true });
      expect(await enqueue(rig, fromBalance(1))).toEqual({ kind: 'accepted' });
    });

    test('never overdraws it, however many come at once', async () => {
      const rig = await open();
      const messages = Array.from({ length: 100 }, () => rig.newMessage({ charges: [fromBalance(1)] }));
      const results = await Promise.all(messages.map(one => put(rig, one)));
      expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(10);
      expect(results.filter(({ kind }) => kind === 'short')).toHaveLength(90);
      expect(await balance(rig)).toBe(0);
      expect(await rig.claim()).toHaveLength(10);
    });
  });

  describe('a sent item', () => {
    test('is there as soon as its message is accepted, charged or not', async () => {
      const rig = await open();
      await put(rig, rig.newMessage({ sentItem: { address: HOLDER, raw: '{"n":1}' } }));
      rig.advance(5);
      const sentItem = { address: HOLDER, raw: '{"n":2,"text":"漢字"}' };
      await put(rig, rig.newMessage({ sentItem, charges: [fromBalance(1)] }));
      const { items, count } = await rig.store.addresses.sentItems({ address: HOLDER, limit: 9, offset: 0 });
      expect(count).toBe(2);
      expect(items).toEqual([
        { id: 2, ...sentItem, createdAt: rig.now() },
        { id: 1, address: HOLDER, raw: '{"n":1}', createdAt: rig.now() - 5 },
      ]);
    });
  });
}

function minute(rig: StoreRig) {
  return rollingBudget('account:1', 'minute', 10, rig.now());
}

function perMinute(rig: StoreRig, amount: number): Charge {
  return { kind: 'budget', budget: minute(rig), amount };
}

function fromBalance(amount: number): Charge & { readonly kind: 'balance' } {
  return { kind: 'balance', address: HOLDER, amount, whenNew: 10, reason: 'no-balance' };
}

function enqueue(rig: StoreRig, ...charges: readonly Charge[]) {
  return put(rig, rig.newMessage({ charges }));
}

function put(rig: StoreRig, message: NewMessage) {
  return rig.store.queue.enqueue(message);
}

function leftPerMinute(rig: StoreRig): Promise<number> {
  return rig.store.limits.left({ budgets: [minute(rig)], now: rig.now() });
}

async function balance(rig: StoreRig): Promise<number | undefined> {
  return (await rig.store.addresses.balance(HOLDER))?.balance;
}

async function sentTexts(rig: StoreRig): Promise<readonly string[]> {
  const { items } = await rig.store.addresses.sentItems({ address: HOLDER, limit: 9, offset: 0 });
  return items.map(({ raw }) => raw);
}
