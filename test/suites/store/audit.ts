import { describe, expect, test } from 'vitest';
import { newAccount } from '../../../src/core/account.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeAudit(open: OpenRig): void {
  const ada = (rig: StoreRig) => ({ by: 'user ada', at: rig.now() });
  const list = async (rig: StoreRig, more: object = {}) =>
    (await rig.store.audit.list({ limit: 10, ...more })).items.map(({ id: _, ...entry }) => entry);
  const account = (id: number) => newAccount({ id, name: 'shop', allowedSenders: ['*'], createdAt: 1 });
  const webhook = { url: 'https://shop.test', sealedSecret: 'sealed', events: [] };

  describe('the audit log', () => {
    test('has what an author added, changed and removed, newest first', async () => {
      const rig = await open();
      const { registry } = rig.store;
      await registry.add('account', 'shop', account, ada(rig));
      rig.advance(1_000);
      await registry.change('account', 1, old => ({ ...old, isEnabled: false, webhook }), ada(rig));
      await registry.remove('account', 1, ada(rig));
      const shop = { ...ada(rig), kind: 'account', subject: 1, name: 'shop' };
      const [removed, changed, added] = await list(rig);
      expect(removed).toMatchObject({ ...shop, action: 'removed' });
      expect(changed).toEqual({
        ...{ ...shop, action: 'changed' },
        changes: {
          isEnabled: [true, false],
          webhook: [null, { ...webhook, sealedSecret: 'changed' }],
        },
      });
      expect(added).toMatchObject({ ...shop, action: 'added', at: rig.now() - 1_000 });
      expect(added?.changes).toMatchObject({ name: [null, 'shop'], allowedSenders: [null, ['*']] });
    });

    test('has nothing of what the gate did itself, what changed nothing, and what did not happen', async () => {
      const rig = await open();
      const { registry } = rig.store;
      await registry.add('account', 'shop', account);
      await registry.add('account', 'shop', account, ada(rig));
      await registry.change('account', 1, old => ({ ...old }), ada(rig));
      await registry.change('account', 9, old => old, ada(rig));
      await registry.remove('account', 9, ada(rig));
      const refuse = () => {
        throw new Error('no');
      };
      await expect(registry.change('account', 1, refuse, ada(rig))).rejects.toThrow('no');
      expect(await list(rig)).toEqual([]);
    });

    test('never has a secret', async () => {
      const rig = await open();
      const { registry } = rig.store;
      const user = { name: 'eve', role: 'admin', isEnabled: true, sessionsSince: 0, createdAt: 0 } as const;
      await registry.add(
        'user',
        'eve',
        id => ({ ...user, id, passwordHash: 'scrypt:1', updatedAt: null }),
        ada(rig),
      );
      await registry.change('user', 1, old => ({ ...old, passwordHash: 'scrypt:2', updatedAt: 5 }), ada(rig));
      const entries = await list(rig);
      expect(JSON.stringify(entries)).not.toContain('scrypt');
      expect(entries[0]?.changes).toEqual({ passwordHash: ['changed', 'changed'] });
    });

    test('comes in pages and by kind, and outlives a restart', async () => {
      const rig = await open();
      const about = { kind: 'messages', subject: null, changes: { count: [null, 3] } } as const;
      for (const name of ['a', 'b', 'c', 'd']) {
        await rig.hurry(rig.store.audit.note({ ...ada(rig), ...about, name, action: 'retried' }));
      }
      await rig.store.registry.add('account', 'shop', account, ada(rig));
      await rig.restart();
      const { audit } = rig.store;
      expect(await list(rig, { kind: 'account' })).toHaveLength(1);
      const first = await audit.list({ kind: 'messages', limit: 3 });
      expect(first.items.map(({ name }) => name)).toEqual(['d', 'c', 'b']);
      const rest = await audit.list({
        kind: 'messages',
        limit: 3,
        ...(first.next && { cursor: first.next }),
      });
      expect(rest.items).toMatchObject([{ ...about, name: 'a', action: 'retried', by: 'user ada' }]);
      expect(rest.next).toBeUndefined();
      await expect(audit.list({ cursor: 'x', limit: 1 })).rejects.toMatchObject({ code: 'invalid' });
    });
  });
}
