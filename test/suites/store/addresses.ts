import { describe, expect, test } from 'vitest';
import { address } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

const ANN = address('ann@temp.test');
const BEN = address('ben@temp.test');
const HASH = 'scrypt$salt$hash';

export function describeAddresses(open: OpenRig): void {
  describe('a temp-mail address', () => {
    test('is found in the list of all, newest first, by what it contains', async () => {
      const rig = await open();
      const ann = await add(rig, ANN, HASH);
      const ben = await add(rig, BEN);
      const list = (more: object) => rig.store.addresses.list({ limit: 9, offset: 0, ...more });
      expect(await list({})).toEqual({ items: [ben, ann], count: 2 });
      expect(await list({ limit: 1, offset: 1 })).toEqual({ items: [ann], count: 2 });
      expect(await list({ text: ANN })).toEqual({ items: [ann], count: 1 });
      expect(await list({ text: '%' })).toEqual({ items: [], count: 0 });
    });

    test('is kept as it was added, under the next id, across a restart', async () => {
      const rig = await open();
      const ann = await add(rig, ANN, HASH);
      const ben = await add(rig, BEN);
      expect(ann).toEqual({ id: 1, address: ANN, passwordHash: HASH, createdAt: rig.now() });
      expect(ben).toEqual({ id: 2, address: BEN, passwordHash: null, createdAt: rig.now() });
      await rig.restart();
      const { addresses } = rig.store;
      expect([await addresses.get(1), await addresses.find(ANN)]).toEqual([ann, ann]);
      expect([await addresses.get(2), await addresses.find(BEN)]).toEqual([ben, ben]);
      expect([await addresses.get(3), await addresses.find(address('cy@temp.test'))]).toEqual([
        undefined,
        undefined,
      ]);
    });

    test('is there once, also when several want it at once', async () => {
      const rig = await open();
      const added = await Promise.all([add(rig, ANN, HASH), add(rig, ANN), add(rig, ANN)]);
      expect(added.filter(one => one !== undefined)).toEqual([await rig.store.addresses.get(1)]);
      expect(await rig.store.addresses.find(ANN)).toEqual(await rig.store.addresses.get(1));
      expect((await add(rig, BEN))?.id).toBe(2);
    });

    test('never gets the id of one that was removed, not even after a restart', async () => {
      const rig = await open();
      await add(rig, ANN);
      expect(await rig.store.addresses.remove(1)).toBe(true);
      expect(await rig.store.addresses.remove(1)).toBe(false);
      await rig.restart();
      expect((await add(rig, ANN))?.id).toBe(2);
      expect(await rig.store.addresses.get(1)).toBeUndefined();
    });

    test('goes with its balance and its sent items, and with nobody else’s', async () => {
      const rig = await open();
      for (const one of [ANN, BEN]) {
        await add(rig, one);
        await openBalance(rig, one);
        await send(rig, one, '{}');
      }
      await rig.store.addresses.remove(1);
      expect([await balance(rig, ANN), await balance(rig, BEN)]).toEqual([undefined, 10]);
      expect([await sent(rig, ANN), await sent(rig, BEN)]).toEqual([[], ['{}']]);
      expect(await rig.store.addresses.find(ANN)).toBeUndefined();
      expect((await rig.store.addresses.find(BEN))?.id).toBe(2);
    });
  });

  describe('a balance', () => {
    test('is opened once, with what it was first given', async () => {
      const rig = await open();
      const first = await openBalance(rig, ANN, 3);
      expect(first).toEqual({ id: 1, address: ANN, balance: 3, isEnabled: true, createdAt: rig.now() });
      rig.advance(5);
      const both = await Promise.all([openBalance(rig, ANN, 4), openBalance(rig, ANN, 5)]);
      expect(both).toEqual([first, first]);
      expect(await rig.store.addresses.balance(ANN)).toEqual(first);
      expect(await rig.store.addresses.balance(BEN)).toBeUndefined();
    });

    test('may start with nothing', async () => {
      const rig = await open();
      expect(await openBalance(rig, ANN, 0)).toMatchObject({ balance: 0 });
      expect(await openBalance(rig, ANN, 9)).toMatchObject({ balance: 0 });
    });

    test('is set by its id and its address together', async () => {
      const rig = await open();
      const { addresses } = rig.store;
      const { id } = await openBalance(rig, ANN);
      await openBalance(rig, BEN);
      const change = { balance: 99, isEnabled: false };
      const expected = { id, address: ANN, ...change, createdAt: rig.now() };
      expect(await addresses.setBalance({ id, address: ANN, ...change })).toEqual(expected);
      expect(await addresses.setBalance({ id, address: BEN, ...change })).toBeUndefined();
      expect(await addresses.setBalance({ id: 77, address: ANN, ...change })).toBeUndefined();
      await rig.restart();
      expect(await rig.store.addresses.balance(ANN)).toEqual(expected);
      expect(await balance(rig, BEN)).toBe(10);
    });

    test('is removed, and opened anew under another id', async () => {
      const rig = await open();
      const { id } = await openBalance(rig, ANN);
      expect(await rig.store.addresses.removeBalance(id)).toBe(true);
      expect(await rig.store.addresses.removeBalance(id)).toBe(false);
      expect(await balance(rig, ANN)).toBeUndefined();
      expect((await openBalance(rig, ANN, 2)).id).toBe(2);
    });

    test('is listed with the others, the newest first, a slice at a time', async () => {
      const rig = await open();
      const names = ['a_1@x.test', 'b@y.test', 'a%2@x.test', 'A1@x.test', 'a3@y.test'].map(address);
      for (const name of names) await openBalance(rig, name);
      const list = async (limit: number, offset: number, part?: string) => {
        const request = { limit, offset, ...(part !== undefined && { address: part }) };
        const { items, count } = await rig.store.addresses.balances(request);
        return [items.map(one => names.indexOf(one.address)), count];
      };
      expect(await list(2, 0)).toEqual([[4, 3], 5]);
      expect(await list(2, 4)).toEqual([[0], 5]);
      expect(await list(2, 5)).toEqual([[], 5]);
      expect(await list(0, 0)).toEqual([[], 5]);
      expect(await list(9, 0, '@x.test')).toEqual([[3, 2, 0], 3]);
      expect(await list(1, 1, '@x.test')).toEqual([[2], 3]);
      expect(await list(9, 0, '_')).toEqual([[0], 1]);
      expect(await list(9, 0, '%')).toEqual([[2], 1]);
      expect(await list(9, 0, '')).toEqual([[4, 3, 2, 1, 0], 5]);
      expect(await list(9, 0, 'nobody')).toEqual([[], 0]);
    });
  });

  describe('sent items', () => {
    test('are listed for their address only, the newest first, a slice at a time', async () => {
      const rig = await open();
      for (const raw of ['1', '2', '3']) await send(rig, ANN, raw);
      await send(rig, BEN, '4');
      const slice = (limit: number, offset: number) =>
        rig.store.addresses.sentItems({ address: ANN, limit, offset });
      expect((await slice(2, 0)).items.map(({ raw }) => raw)).toEqual(['3', '2']);
      expect((await slice(2, 2)).items.map(({ raw }) => raw)).toEqual(['1']);
      expect((await slice(2, 2)).count).toBe(3);
      expect(await slice(2, 3)).toEqual({ items: [], count: 3 });
    });

    test('are cleared for one address', async () => {
      const rig = await open();
      for (const one of [ANN, ANN, BEN]) await send(rig, one, '{}');
      await rig.store.addresses.clearSentItems(ANN);
      expect([await sent(rig, ANN), await sent(rig, BEN)]).toEqual([[], ['{}']]);
    });

    test('and balances are kept across a restart', async () => {
      const rig = await open();
      await send(rig, ANN, '{"subject":"\\u0000"}');
      await openBalance(rig, ANN, 4);
      await rig.restart();
      expect([await sent(rig, ANN), await balance(rig, ANN)]).toEqual([['{"subject":"\\u0000"}'], 4]);
    });
  });

  describe('undoing a message', () => {
    test('puts its cost back and takes away the newest sent item with its text', async () => {
      const rig = await open();
      await openBalance(rig, ANN, 4);
      for (const raw of ['same', 'other', 'same']) await send(rig, ANN, raw);
      await send(rig, BEN, 'same');
      const before = await rig.store.addresses.sentItems({ address: ANN, limit: 9, offset: 0 });
      await rig.store.addresses.undo({ address: ANN, raw: 'same', amount: 2 });
      const after = await rig.store.addresses.sentItems({ address: ANN, limit: 9, offset: 0 });
      expect(after.items).toEqual(before.items.slice(1));
      expect(await sent(rig, BEN)).toEqual(['same']);
      expect(await balance(rig, ANN)).toBe(6);
    });

    test('makes no balance where there is none, and minds no item that is gone', async () => {
      const rig = await open();
      await rig.store.addresses.undo({ address: ANN, raw: 'gone', amount: 2 });
      expect(await balance(rig, ANN)).toBeUndefined();
      await openBalance(rig, ANN, 1);
      await rig.store.addresses.undo({ address: ANN, raw: 'gone', amount: 0 });
      expect(await balance(rig, ANN)).toBe(1);
    });
  });
}

type Holder = typeof ANN;

function add(rig: StoreRig, holder: Holder, passwordHash: string | null = null) {
  return rig.store.addresses.add({ address: holder, passwordHash, createdAt: rig.now() });
}

function openBalance(rig: StoreRig, holder: Holder, whenNew = 10) {
  return rig.store.addresses.openBalance({ address: holder, whenNew, now: rig.now() });
}

async function balance(rig: StoreRig, holder: Holder): Promise<number | undefined> {
  return (await rig.store.addresses.balance(holder))?.balance;
}

function send(rig: StoreRig, holder: Holder, raw: string) {
  return rig.accept({ sentItem: { address: holder, raw } });
}

async function sent(rig: StoreRig, holder: Holder): Promise<readonly string[]> {
  const { items } = await rig.store.addresses.sentItems({ address: holder, limit: 9, offset: 0 });
  return items.map(({ raw }) => raw);
}
