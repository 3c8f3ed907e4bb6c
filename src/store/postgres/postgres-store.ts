import type { Nodes, RecordKind, Registry, Store } from '../store.ts';
import { createAddresses } from './addresses.ts';
import { createLimits } from './counters.ts';
import { openDatabase } from './database.ts';
import { createHistory } from './history.ts';
import { migrate } from './migrate.ts';
import { dead, join, leave, renew } from './nodes.ts';
import { createQueue } from './queue.ts';
import { createRecordRows } from './registry.ts';
import { createRoom } from './room.ts';
import { createWireTable } from './wire.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly maxConnections: number;
  readonly maxQueued: number;
  readonly now: () => number;
  /** Told the name of each migration that was applied. */
  readonly onMigration?: (name: string) => void;
}

/** Opens the engine for many nodes: one PostgreSQL database that they share. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const db = openDatabase(options);
  for (const name of await migrate(db, options.now())) options.onMigration?.(name);
  for (const t of ['messages', 'bodies', 'recipients', 'attempts'])
    await db.change(`create table if not exists ${t}_default partition of ${t} default`);
  const room = createRoom(options.maxQueued);
  await room.count(db);
  const wire = createWireTable(db);
  const eventListeners = new Set<() => void>();
  const nodes: Nodes = {
    journal: wire,
    async join(request) {
      const incarnation = await join(db, request);
      wire.start(incarnation.lease);
      return incarnation;
    },
    renew: (lease, until) => renew(db, lease, until - options.now()),
    dead: (_now, ours) => dead(db, ours),
    leave: lease => leave(db, lease),
  };
  return {
    queue: createQueue(db, room),
    history: createHistory(db, listener => {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    }),
    registry: createRegistry(createRecordRows(db)),
    nodes,
    limits: createLimits(db),
    addresses: createAddresses(db),
    close: () => db.close(),
  } as unknown as Store;
}

function createRegistry(rows: ReturnType<typeof createRecordRows>): Registry {
  const listeners = new Set<(kind: RecordKind) => void>();
  const tell = (kind: RecordKind) => {
    for (const listener of listeners) listener(kind);
  };
  return {
    list: rows.list,
    get: rows.get,
    async add(kind, name, make) {
      const record = await rows.add(kind, name, make);
      if (record !== undefined) tell(kind);
      return record;
    },
    async change(kind, id, change) {
      const record = await rows.change(kind, id, change);
      if (record !== undefined) tell(kind);
      return record;
    },
    async remove(kind, id) {
      const isRemoved = await rows.remove(kind, id);
      if (isRemoved) tell(kind);
      return isRemoved;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
