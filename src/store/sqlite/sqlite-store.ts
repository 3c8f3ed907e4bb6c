import { dirname } from 'node:path';
import type { RecordKind, Registry } from '../registry.ts';
import type { Nodes, Store } from '../store.ts';
import { createAddresses } from './addresses.ts';
import { createAudit } from './audit.ts';
import { createGroupCommit } from './batcher.ts';
import { openReader, openWriter } from './database.ts';
import { type Commit, prepareEngine } from './engine.ts';
import { createHistory } from './history.ts';
import { createJournals, type Journals, readBootId } from './journals.ts';
import { createLimits } from './limits.ts';
import { migrate } from './migrate.ts';
import { createQueue } from './queue.ts';
import { createRoom } from './queue-capacity.ts';
import { createReader } from './reader.ts';
import { createReports } from './reports.ts';

export interface SqliteOptions {
  /** The database file; the wire journal lies beside it. */
  readonly path: string;
  /** New mail is refused below so many free bytes, or above so many queued messages. */
  readonly minFreeBytes: number;
  readonly maxQueued: number;
  readonly now: () => number;
  /** Told the name of each migration that was applied. */
  readonly onMigration?: (name: string) => void;
}

/** Opens the embedded engine: one SQLite file, one process, every verb part of the transaction of its turn. */
export function openSqliteStore(options: SqliteOptions): Store {
  const folder = dirname(options.path);
  const room = prepareFile(options, folder);
  const eventListeners = new Set<() => void>();
  const commit: Commit = createGroupCommit({
    open: () => openWriter(options.path),
    prepare: prepareEngine,
    onCommit: engine => {
      if (engine.hasNews()) for (const listener of eventListeners) listener();
    },
  });
  const reader = createReader(openReader(options.path));
  const bootId = readBootId();
  const journals = createJournals(folder, bootId);

  return {
    queue: createQueue(commit, room, journals),
    history: createHistory(commit, reader, eventListeners),
    reports: createReports(reader),
    audit: createAudit(commit, reader),
    limits: createLimits(commit, reader),
    addresses: createAddresses(commit, reader),
    registry: createRegistry(commit),
    nodes: createNodes(commit, journals, bootId),
    index: () => commit.soon(engine => engine.index()),
    async purge(retention, now) {
      const total = { messages: 0, bodies: 0, events: 0 };
      for (let isDone = false; !isDone; ) {
        const slice = await commit.run(engine => engine.purge(retention, now));
        total.messages += slice.messages;
        total.bodies += slice.bodies;
        total.events += slice.events;
        isDone = slice.isDone;
      }
      return total;
    },
    async close() {
      journals.close();
      reader.db.close();
      // Last, so that SQLite moves the WAL into the database and removes it.
      commit.close();
    },
  };
}

/** Makes or migrates the file, and counts what is queued in it. */
function prepareFile(options: SqliteOptions, folder: string) {
  const db = openWriter(options.path);
  try {
    for (const name of migrate(db, options.now())) options.onMigration?.(name);
    return createRoom(db, { ...options, folder });
  } finally {
    db.close();
  }
}

function createRegistry(commit: Commit): Registry {
  const listeners = new Set<(kind: RecordKind) => void>();
  const tell = (kind: RecordKind) => {
    for (const listener of listeners) listener(kind);
  };
  return {
    list: kind => commit.run(engine => engine.records.list(kind)),
    get: (kind, id) => commit.run(engine => engine.records.get(kind, id)),
    async add(kind, name, make, author) {
      const record = await commit.run(engine => engine.records.add(kind, name, make, author));
      if (record !== undefined) tell(kind);
      return record;
    },
    async change(kind, id, change, author) {
      const record = await commit.run(engine => engine.records.change(kind, id, change, author));
      if (record !== undefined) tell(kind);
      return record;
    },
    async remove(kind, id, author) {
      const isRemoved = await commit.run(engine => engine.records.remove(kind, id, author));
      if (isRemoved) tell(kind);
      return isRemoved;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function createNodes(commit: Commit, journals: Journals, bootId: string): Nodes {
  return {
    journal: journals,
    async join(request) {
      const incarnation = await commit.run(engine => engine.nodes.join({ ...request, bootId }));
      journals.start(incarnation.lease);
      return incarnation;
    },
    renew: (lease, until) => commit.run(engine => engine.nodes.renew(lease, until)),
    // A data folder has one process.
    place: async () => ({ place: 0, of: 1 }),
    dead: (_now, ours) => commit.run(engine => engine.nodes.dead(ours)),
    async leave(lease) {
      if (await commit.run(engine => engine.nodes.leave(lease))) journals.remove(lease);
    },
  };
}
