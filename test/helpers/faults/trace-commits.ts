import { type RunningGate, startGate } from '../gates/gate.ts';
import { type PostgresServer, startPostgres } from '../stores/postgres-server.ts';
import type { TraceReport } from './trace-acknowledgements.ts';
import { childrenOf, traceWal, type WalRecord, wasOnDisk } from './wal-trace.ts';

// For each message that a gate on PostgreSQL acknowledges: whether the record of its commit was on disk by then. Whoever
// set this server up would rather have it fast: unless a transaction says otherwise, it is answered before that.

/** And nobody else writes the log for a while. */
const SETTINGS = [
  ...['synchronous_commit=off', 'wal_writer_delay=10s', 'wal_writer_flush_after=0'],
  ...['fsync=on', 'autovacuum=off', 'wal_keep_size=1GB'],
];
const DATABASE = 'traced';
const CLIENTS = 8;

export interface CommitTraceOptions {
  readonly messages: number;
  /** The checkout to run; absent: this one. */
  readonly root?: string;
}

/**
 * Hands messages in from many clients: the first half without an idempotency key, in statements of their own, then with
 * one, in longer transactions. Mixed they would all go in those.
 */
export async function traceCommits({ messages, root }: CommitTraceOptions): Promise<TraceReport> {
  const server = await startPostgres(SETTINGS);
  try {
    await server.createDatabase(DATABASE);
    const args = ['--store', server.url(DATABASE)];
    const gate = await startGate({ args, ...(root !== undefined && { root }) });
    try {
      return await traceGate(gate, server, messages / CLIENTS);
    } finally {
      await gate.stop();
    }
  } finally {
    await server.stop();
  }
}

async function traceGate(gate: RunningGate, server: PostgresServer, count: number): Promise<TraceReport> {
  const [begin] = await server.query<{ lsn: string }>(DATABASE, 'select pg_current_wal_insert_lsn() as lsn');
  const tracer = await traceWal([gate.pid, server.pid(), ...childrenOf(server.pid())]);
  try {
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => sendAll(gate, client, count)));
    // Now all of the log is written, also what nobody waited for.
    await server.query(DATABASE, 'checkpoint');
  } finally {
    await tracer.stop();
  }
  const trace = await tracer.trace;
  const commits = await commitsSince(server, begin?.lsn ?? '');
  const early = [...trace.acknowledgedAt].filter(([marker, at]) => {
    const commit = commits.get(marker);
    return commit === undefined || !wasOnDisk(trace, commit, at);
  });
  return { acknowledged: trace.acknowledgedAt.size, early: early.map(([marker]) => marker) };
}

async function sendAll(gate: RunningGate, client: number, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const text = `marker-${client}-${n}-end`;
    const message = { from: 'a@sender.test', to: 'b@rcpt.test', text };
    const reply = await fetch(`${gate.http}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gate.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(n < count / 2 ? message : { ...message, idempotencyKey: text }),
    });
    if (!reply.ok) throw new Error(`The gate answered ${reply.status}: ${await reply.text()}`);
    await reply.arrayBuffer();
  }
}

interface CommitRow {
  readonly marker: string;
  readonly start: string;
  readonly end: string;
}

/** The record in the log that makes a message accepted, by the message's marker. */
async function commitsSince(server: PostgresServer, lsn: string): Promise<ReadonlyMap<string, WalRecord>> {
  await server.query(DATABASE, 'create extension pg_walinspect');
  const rows = await server.query<CommitRow>(
    DATABASE,
    `select substring(convert_from(mime, 'latin1') from 'marker-\\d+-\\d+-end') as marker,
        start_lsn - '0/0'::pg_lsn as start, end_lsn - '0/0'::pg_lsn as end
      from bodies b join pg_get_wal_records_info('${lsn}', pg_current_wal_flush_lsn()) w on w.xid = b.xmin
      where w.resource_manager = 'Transaction' and w.record_type = 'COMMIT'`,
  );
  return new Map(rows.map(({ marker, start, end }) => [marker, { start: Number(start), end: Number(end) }]));
}
