import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/helpers/gates/gate.ts';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { createPostgresHarness, type PostgresHarness } from '../../../test/helpers/stores/store-postgres.ts';
import { createRig, type StoreRig } from '../../../test/helpers/stores/store-rig.ts';

describe('while the server cannot be used', () => {
  let server: PostgresServer;
  let harness: PostgresHarness;
  let rig: StoreRig;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    harness = await createPostgresHarness(server);
    rig = await createRig(harness);
  });
  afterEach(async () => {
    await rig.store.close();
    await harness.remove();
  });

  const cutAll = () =>
    server.query(
      'postgres',
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${harness.database}'`,
    );
  const isAccepted = () =>
    rig.accept().then(
      () => true,
      () => false,
    );

  it('says unavailable to everybody, keeps what it acknowledged, and recovers', async () => {
    const before = await rig.accept();
    await server.crash();
    const refused = { code: 'unavailable', details: { retryAfterSeconds: expect.any(Number) } };
    await expect(rig.accept()).rejects.toMatchObject(refused);
    await expect(rig.store.history.message(before.id)).rejects.toMatchObject(refused);
    await expect(rig.store.registry.list('key')).rejects.toMatchObject(refused);
    await expect(rig.store.nodes.renew(rig.lease, rig.now())).rejects.toMatchObject(refused);
    await expect(rig.claim()).rejects.toMatchObject(refused);
    await server.start();
    await until(isAccepted, 'mail to be accepted again');
    expect((await rig.view(before.id)).id).toBe(before.id);
  });

  it('takes nothing for known that a crash of the server may have made it forget', async () => {
    const leased = await rig.acceptLeased();
    const dead = rig.lease;
    await server.crash();
    await server.start();
    await until(isAccepted, 'mail to be accepted again');
    const to = await rig.joinAnother();
    const [adopted] = await rig.store.queue.adopt({ from: dead, to, limit: 1 });
    expect(adopted).toMatchObject({ message: { id: leased.id }, facts: [{ attempt: 1, indexes: [0] }] });
  });

  it('loses nothing acknowledged when connections are cut under load', async () => {
    const acknowledged = new Set<string>();
    let isLoading = true;
    const client = async () => {
      while (isLoading) {
        const message = rig.newMessage();
        const result = await rig.store.queue.enqueue(message).catch(error => {
          expect(error).toMatchObject({ code: 'unavailable' });
        });
        if (result?.kind === 'accepted') acknowledged.add(message.id);
      }
    };
    const clients = Array.from({ length: 10 }, client);
    for (let cut = 1; cut <= 20; cut++) {
      const enough = acknowledged.size + 20;
      await until(() => acknowledged.size >= enough, 'more mail to be accepted');
      await cutAll();
    }
    isLoading = false;
    await Promise.all(clients);
    const stored = new Set((await rig.store.history.list({}, { limit: 100_000 })).items.map(({ id }) => id));
    expect([...acknowledged].filter(id => !stored.has(id))).toEqual([]);
  });

  it('hears other nodes again after its connection was cut', async () => {
    const other = await harness.open({ now: rig.now, maxQueued: 9 });
    try {
      await cutAll();
      let isHeard = false;
      other.history.onEvents(() => {
        isHeard = true;
      });
      await until(isAccepted, 'mail to be accepted again');
      await until(() => isHeard, 'the event to be heard');
    } finally {
      await other.close();
    }
  });
});
