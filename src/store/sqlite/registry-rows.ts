import type { Database } from 'better-sqlite3';
import type { AuditNote, Author } from '../audit.ts';
import { noteOf } from '../record-changes.ts';
import type { RecordKind, Records } from '../registry.ts';

/** Providers, accounts, keys and settings as JSON rows. Ids are never used twice. */
export interface RecordRows {
  list<K extends RecordKind>(kind: K): readonly Records[K][];
  get<K extends RecordKind>(kind: K, id: number): Records[K] | undefined;
  add<K extends RecordKind>(
    kind: K,
    name: string,
    make: (id: number) => Records[K],
    author?: Author,
  ): Records[K] | undefined;
  change<K extends RecordKind>(
    kind: K,
    id: number,
    change: (old: Records[K]) => Records[K],
    author?: Author,
  ): Records[K] | undefined;
  remove(kind: RecordKind, id: number, author?: Author): boolean;
}

export function prepareRecords(db: Database, noteAudit: (note: AuditNote) => void): RecordRows {
  const list = db.prepare('select value from records where kind = ? order by id').pluck();
  const get = db.prepare('select value from records where kind = ? and id = ?').pluck();
  const isTaken = db.prepare('select 1 from records where kind = ? and name = ?').pluck();
  const nextId = db
    .prepare(`insert into marks (name, value) values (?, 1)
      on conflict do update set value = value + 1 returning value`)
    .pluck();
  const insert = db.prepare('insert into records (kind, id, name, value) values (?, ?, ?, ?)');
  const update = db.prepare('update records set value = ? where kind = ? and id = ?');
  const remove = db.prepare('delete from records where kind = ? and id = ?');

  function read<K extends RecordKind>(kind: K, id: number): Records[K] | undefined {
    const value = get.get(kind, id) as string | undefined;
    return value === undefined ? undefined : (JSON.parse(value) as Records[K]);
  }

  function note<K extends RecordKind>(
    kind: K,
    before: Records[K] | undefined,
    after: Records[K] | undefined,
    author: Author | undefined,
  ): void {
    const entry = author && noteOf(kind, before, after, author);
    if (entry !== undefined) noteAudit(entry);
  }

  return {
    list: <K extends RecordKind>(kind: K) =>
      (list.all(kind) as string[]).map(value => JSON.parse(value) as Records[K]),
    get: read,
    add(kind, name, make, author) {
      if (isTaken.get(kind, name) !== undefined) return undefined;
      const id = nextId.get(`last ${kind} id`) as number;
      const record = make(id);
      insert.run(kind, id, name, JSON.stringify(record));
      note(kind, undefined, record, author);
      return record;
    },
    change(kind, id, change, author) {
      const old = read(kind, id);
      if (old === undefined) return undefined;
      const record = change(old);
      update.run(JSON.stringify(record), kind, id);
      note(kind, old, record, author);
      return record;
    },
    remove(kind, id, author) {
      const old = author && read(kind, id);
      const isRemoved = remove.run(kind, id).changes === 1;
      if (isRemoved) note(kind, old, undefined, author);
      return isRemoved;
    },
  };
}
