import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/core/account.ts';
import type { RecordKind } from '../../../src/store/registry.ts';
import type { OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeRegistry(open: OpenRig): void {
  describe('the registry', () => {
    test('keeps what is added, under the next id of its kind, across a restart', async () => {
      const rig = await open();
      const shop = await rig.store.registry.add('account', 'shop', account('shop'));
      const blog = await rig.store.registry.add('account', 'blög 🚪', account('blög 🚪'));
      expect([shop?.id, blog?.id]).toEqual([1, 2]);
      await rig.restart();
      expect(await rig.store.registry.list('account')).toEqual([shop, blog]);
      expect(await rig.store.registry.get('account', 2)).toEqual(blog);
      expect(await rig.store.registry.get('account', 3)).toBeUndefined();
      expect(await rig.store.registry.list('key')).toEqual([]);
      expect(await rig.store.registry.get('key', 1)).toBeUndefined();
    });

    test('has each name once within a kind, also when both come at once', async () => {
      const { store } = await open();
      const added = await Promise.all(
        [1, 2, 3].map(() => store.registry.add('account', 'shop', account('shop'))),
      );
      expect(added.filter(record => record !== undefined)).toHaveLength(1);
      const key = await store.registry.add('key', 'shop', id => ({
        id,
        account: 1,
        name: 'shop',
        scopes: ['send'],
        hash: '00',
        createdAt: 0,
        revokedAt: null,
      }));
      expect(key?.id).toBe(1);
    });

    test('keeps the settings of temp-mail among its kinds', async () => {
      const rig = await open();
      const sendLimits = { dailyEnabled: true, monthlyEnabled: false, dailyLimit: 5, monthlyLimit: -1 };
      const made = await rig.store.registry.add('tempMail', 'settings', id => ({
        id,
        sendBlockList: ['@x.test'],
        sendLimits,
      }));
      expect(made?.id).toBe(1);
      await rig.restart();
      expect(await rig.store.registry.list('tempMail')).toEqual([made]);
      expect(await rig.store.registry.list('account')).toEqual([]);
    });

    test('never uses an id twice, also after a removal and a restart', async () => {
      const rig = await open();
      const first = await rig.store.registry.add('account', 'a', account('a'));
      expect(await rig.store.registry.remove('account', first?.id ?? 0)).toBe(true);
      expect(await rig.store.registry.remove('account', first?.id ?? 0)).toBe(false);
      await rig.restart();
      const second = await rig.store.registry.add('account', 'a', account('a'));
      expect(second?.id).toBe(2);
      expect(await rig.store.registry.list('account')).toEqual([second]);
    });

    test('changes a record in one step, so that no change is lost', async () => {
      const { store } = await open();
      await store.registry.add('account', 'a', account('a'));
      const grow = (old: Account) => ({ ...old, allowedSenders: [...old.allowedSenders, '@x.test'] });
      await Promise.all(Array.from({ length: 20 }, () => store.registry.change('account', 1, grow)));
      expect((await store.registry.get('account', 1))?.allowedSenders).toHaveLength(20);
      expect(await store.registry.change('account', 9, grow)).toBeUndefined();
    });

    test('throws what a change throws, and leaves the record as it was', async () => {
      const { store } = await open();
      const before = await store.registry.add('account', 'a', account('a'));
      const change = store.registry.change('account', 1, () => {
        throw new Error('not like this');
      });
      const others = [store.registry.add('account', 'b', account('b')), store.registry.get('account', 1)];
      await expect(change).rejects.toThrow('not like this');
      expect(await Promise.all(others)).toEqual([{ ...account('b')(2) }, before]);
    });

    test('tells of every change, and of nothing else, until stopped', async () => {
      const { store } = await open();
      const heard: RecordKind[] = [];
      const stop = store.registry.onChange(kind => heard.push(kind));
      await store.registry.add('account', 'a', account('a'));
      await store.registry.add('account', 'a', account('a'));
      await store.registry.change('account', 1, old => old);
      await store.registry.change('account', 2, old => old);
      await store.registry.list('account');
      await store.registry.remove('account', 1);
      await store.registry.remove('account', 1);
      expect(heard).toEqual(['account', 'account', 'account']);
      stop();
      await store.registry.add('account', 'b', account('b'));
      expect(heard).toHaveLength(3);
    });

    test('shows a change to who is told of it', async () => {
      const { store } = await open();
      const seen = new Promise<number>((resolve, reject) => {
        store.registry.onChange(
          kind => void store.registry.list(kind).then(list => resolve(list.length), reject),
        );
      });
      await store.registry.add('account', 'a', account('a'));
      expect(await seen).toBe(1);
    });
  });
}

function account(name: string): (id: number) => Account {
  return id => ({
    id,
    name,
    isEnabled: true,
    allowedSenders: [],
    limits: {},
    sendsNotices: true,
    webhook: null,
    createdAt: 0,
  });
}
