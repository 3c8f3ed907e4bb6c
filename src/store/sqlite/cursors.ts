import type { Database } from 'better-sqlite3';

/** Writes how far a reader of the event log has come. */
export function prepareKeepCursor(db: Database): (reader: string, seq: bigint) => void {
  const keep = db.prepare(`insert into cursors (reader, seq) values (?, ?)
    on conflict do update set seq = excluded.seq`);
  return (reader, seq) => void keep.run(reader, seq);
}

/** Reads that, and how far there is to go. */
export function prepareCursors(db: Database): { cursor(reader: string): bigint; newest(): bigint } {
  const cursor = db.prepare('select seq from cursors where reader = ?').pluck().safeIntegers();
  const newest = db.prepare('select coalesce(max(seq), 0) from events').pluck().safeIntegers();
  return {
    cursor: reader => (cursor.get(reader) as bigint | undefined) ?? 0n,
    newest: () => newest.get() as bigint,
  };
}
