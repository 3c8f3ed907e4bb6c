import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { createPostgresHarness } from '../../../test/helpers/stores/store-postgres.ts';
import { createRig } from '../../../test/helpers/stores/store-rig.ts';

/** What another server's transactions were ahead of this one's. */
const AHEAD = 3_000_000_000n << 20n;

describe('a database that was moved to a server with lower transaction numbers', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test('goes on with its event log where it was, on all nodes that start there', async () => {
    const harness = await createPostgresHarness(server);
    const offset = async () => {
      const query = `select value from marks where name = 'xid offset'`;
      const [row] = await server.query<{ value: string }>(harness.database, query);
      return BigInt(row?.value ?? -1);
    };
    const rig = await createRig(harness);
    await rig.accept();
    await rig.indexAll();
    const seen = await rig.store.history.newest();
    await rig.restart();
    expect(await offset()).toBe(0n);

    await server.query(
      harness.database,
      `update events set seq = seq + ${AHEAD}; update marks set value = value + ${AHEAD} where name = 'indexed seq'`,
    );
    const [other] = await Promise.all([harness.open({ now: rig.now, maxQueued: 9 }), rig.restart()]);
    const raised = await offset();
    expect(raised).toBeGreaterThan(0n);

    const after = String(BigInt(seen) + AHEAD);
    expect(await other.history.newest()).toBe(after);
    const later = [await rig.accept(), rig.newMessage()];
    await other.queue.enqueue(later[1] ?? rig.newMessage());
    const events = await other.history.events({ after, limit: 9 });
    expect(events.map(({ messageId }) => messageId)).toEqual(later.map(({ id }) => id));
    expect(await other.index()).toBe(2);

    await rig.restart();
    expect(await offset()).toBe(raised);
    await Promise.all([rig.store.close(), other.close()]);
    await harness.remove();
  });
});
