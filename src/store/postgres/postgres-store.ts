import type { Nodes, Store } from '../store.ts';
import { createAddresses } from './addresses.ts';
import { createAudit } from './audit.ts';
import { followNews } from './change-feed.ts';
import { createLimits } from './counters.ts';
import { openDatabase } from './database.ts';
import { createHistory } from './history.ts';
import { index } from './indexing.ts';
import { migrate } from './migrate.ts';
import { dead, join, type LeaseClock, leave, place, renew } from './nodes.ts';
import { makePartitions } from './partitions.ts';
import { purge } from './purge.ts';
import { createQueue } from './queue.ts';
import { createRoom } from './queue-capacity.ts';
import { createRegistry } from './registry.ts';
import { createReports } from './reports.ts';
import { raiseSeq } from './seq-offset.ts';
import { parseStoreUrl } from './store-url.ts';
import { createWireTable } from './wire-journal.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with `pool` and `listen` among its parameters. */
  readonly url: string;
  readonly maxQueued: number;
  readonly now: () => number;
  /** By which leases are judged; absent: the server's. */
  readonly leaseClock?: LeaseClock;
  /** Told the name of each migration that was applied. */
  readonly onMigration?: (name: string) => void;
}

/** Opens the engine for many nodes: one PostgreSQL database that they share. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { now, leaseClock } = options;
  const url = parseStoreUrl(options.url);
  const db = openDatabase(url);
  try {
    for (const name of await migrate(db, now())) options.onMigration?.(name);
    await makePartitions(db, now());
    await raiseSeq(db);
    const room = await createRoom(db, options.maxQueued, now);
    const news = await followNews(db, url);
    const wire = createWireTable(db);
    const queue = createQueue(db, room, news);
    const nodes: Nodes = {
      journal: wire,
      async join(request) {
        const incarnation = await join(db, leaseClock, request);
        wire.start(incarnation.lease);
        return incarnation;
      },
      renew: (lease, until) => renew(db, leaseClock, lease, until - now()),
      dead: (_now, ours) => dead(db, leaseClock, ours),
      place: lease => place(db, leaseClock, lease),
      leave: lease => leave(db, lease),
    };
    return {
      queue,
      history: createHistory(db, news),
      reports: createReports(db),
      audit: createAudit(db),
      limits: createLimits(db),
      addresses: createAddresses(db),
      registry: createRegistry(db, news),
      nodes,
      purge: (retention, at) => purge(db, retention, at),
      index: () => index(db),
      async close() {
        await Promise.all([queue.close(), wire.close()]);
        await news.close();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}
