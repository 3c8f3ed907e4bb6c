// npm run sizes: what a message takes on disk, and a gate in memory. docs/sizing.md has the figures.
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

Lets a gate accept messages of the standard job and send them, then says how many bytes each part of its database has for
each of them, and how much memory the gate needs. Then the same with a gate that cannot send: what waits.

  --messages N     default: 20000
  --store STORE    sqlite (default) or postgres: a server is started for the run
  --folder DIR     where to make the data folders, removed afterwards (default: /var/tmp)
`;

const TIMEOUT_MS = 600_000;
/** The search index and the statistics follow the event log: they are complete when nothing grows for so long. */
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
// A database server that was started for the run would end this process with 0 whatever happened.
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
      await measure('waiting', rig, waiting, options.messages, false);
    } finally {
      await waiting.remove();
    }
  } finally {
    await rig.stop();
  }
}

/** Submits messages, waits until nothing grows any longer, and prints the bytes for each message. */
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
  if (areSent) await rig.sink.ask({ first: 0, count, patienceMs: TIMEOUT_MS }, signal);
  const after = await stillSizes(sizesOf);
  const grown = [...after].map(([name, bytes]) => [name, (bytes - (before.get(name) ?? 0)) / count] as const);
  const lines = grown
    .filter(([, bytes]) => Math.abs(bytes) >= 1)
    .sort((a, b) => b[1] - a[1])
    .map(
      ([name, bytes]) => `  ${name.padEnd(28)} ${Math.round(bytes).toString().padStart(7)} bytes a message`,
    );
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const log = Math.round(statSync(join(gate.data, 'gate.log')).size / count);
  console.log(
    `${count} messages, ${what}:\n${lines.join('\n')}\n  ${'log'.padEnd(28)} ${String(log).padStart(7)} bytes a message`,
  );
  console.log(
    `  memory: ${megabytes(idleBytes)} MB idle before, ${megabytes(memoryBytesOf(gate.pid))} MB after, ${megabytes(peakBytesOf(gate.pid))} MB at most\n`,
  );
}

async function measureOf({ database }: Cluster, data: string): Promise<Measure> {
  return database === undefined ? sqliteSizes(join(data, 'postern.sqlite')) : postgresSizes(database);
}

/** Tables with their indexes, by the names of both. */
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

/** Tables with their indexes and what is stored beside them; partitions by the name of their table. */
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
