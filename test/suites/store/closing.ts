import { describe, expect, test } from 'vitest';
import { rollingBudget } from '../../../src/core/budget.ts';
import type { Store } from '../../../src/store/store.ts';
import { finishOf } from '../../helpers/stores/store-finish.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeClosing(open: OpenRig): void {
  describe('close', () => {
    test('waits for what is under way', async () => {
      const rig = await open();
      const leased = await rig.acceptLeased();
      const message = rig.newMessage();
      const underWay = Promise.all([
        rig.store.queue.enqueue(message),
        rig.store.queue.finish(finishOf(leased, rig.lease, rig.now(), [{ state: 'delivered' }])),
        rig.store.history.record({ at: rig.now(), type: 'alert', data: {} }),
      ]);
      await rig.restart();
      expect(await underWay).toEqual([{ kind: 'accepted' }, true, undefined]);
      expect((await rig.view(message.id)).id).toBe(message.id);
      expect(await rig.states(leased.id)).toEqual(['delivered']);
      expect(await rig.events()).toHaveLength(4);
    });

    test('leaves every verb unavailable', async () => {
      const rig = await open();
      const leased = await rig.acceptLeased();
      const { store } = rig;
      await store.close();
      for (const call of verbs(rig, store, leased))
        await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('can be said twice', async () => {
      const rig = await open();
      await rig.store.close();
      await rig.store.close();
    });
  });
}

function verbs(rig: StoreRig, store: Store, leased: Awaited<ReturnType<StoreRig['acceptLeased']>>) {
  const { queue, history, limits, addresses, registry, nodes } = store;
  const [holder] = leased.recipients.map(({ address }) => address);
  if (holder === undefined) throw new Error('The message has no recipient.');
  const budgets = [rollingBudget('one', 'hour', 1, rig.now())];
  const { lease } = rig;
  const { id } = leased;
  const now = rig.now();
  return [
    () => queue.enqueue(rig.newMessage()),
    () => queue.claim({ lane: 1, lease, now, limit: 1, maxBytes: 1 }),
    () => queue.finish(finishOf(leased, lease, now, [{ state: 'delivered' }])),
    () => queue.release({ id, lease, lane: 1, dueAt: now }),
    () => queue.adopt({ from: lease, to: lease, limit: 1 }),
    () => queue.moveLane(1, 2),
    () => queue.cancel({ id, now }),
    () => queue.retry({ id, now, expiresAt: now }),
    () => queue.depth(),
    () => history.message(id),
    () => history.attempts(id),
    () => history.body(id),
    () => history.list({}, { limit: 1 }),
    () => history.events({ after: '0', limit: 1 }),
    () => history.record({ at: now, type: 'alert', data: {} }),
    () => history.cursor('reader'),
    () => history.keepCursor('reader', '1'),
    () => history.newest(),
    () => limits.draw({ budgets, least: 1, most: 1, now }),
    () => limits.giveBack({ budgets, amount: 1 }),
    () => limits.left({ budgets, now }),
    () => addresses.add({ address: holder, passwordHash: null, createdAt: now }),
    () => addresses.get(1),
    () => addresses.find(holder),
    () => addresses.remove(1),
    () => addresses.balance(holder),
    () => addresses.openBalance({ address: holder, whenNew: 1, now }),
    () => addresses.setBalance({ id: 1, address: holder, balance: 1, isEnabled: true }),
    () => addresses.removeBalance(1),
    () => addresses.undo({ address: holder, raw: '', amount: 1 }),
    () => addresses.balances({ limit: 1, offset: 0 }),
    () => addresses.sentItems({ address: holder, limit: 1, offset: 0 }),
    () => addresses.clearSentItems(holder),
    () => registry.list('account'),
    () => registry.get('account', 1),
    () => registry.add('account', 'a', () => ({}) as never),
    () => registry.change('account', 1, old => old),
    () => registry.remove('account', 1),
    () => nodes.join({ now, leaseMs: 1, host: 'h', pid: 1 }),
    () => nodes.renew(lease, now),
    () => nodes.dead(now, lease),
    () => nodes.leave(lease),
    () => store.purge({ deliveredBodyMs: 0, otherBodyMs: 0, eventMs: 0 }, now),
    () => store.index(),
  ];
}
