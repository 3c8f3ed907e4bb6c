import type { Author } from '../audit.ts';
import { noteOf } from '../record-changes.ts';
import type { RecordKind, Records, Registry } from '../registry.ts';
import { noteAudit } from './audit.ts';
import { countUp, type News, versionMark } from './change-feed.ts';
import type { Database, Sql } from './database.ts';

/** Providers, accounts, keys and settings as JSON. Ids are never used twice; every change counts up the kind's version. */
export function createRegistry(db: Database, news: News): Registry {
  /** One change, told of if it changed anything. */
  async function change<T>(
    kind: RecordKind,
    work: (sql: Sql) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const done = await db.transaction(async sql => {
      const value = await work(sql);
      return value === undefined ? undefined : { value, version: await countUp(sql, versionMark(kind)) };
    });
    if (done !== undefined) news.changed(kind, done.version);
    return done?.value;
  }

  return {
    async list<K extends RecordKind>(kind: K) {
      const rows = await db.rows<{ value: Records[K] }>(
        'select value from records where kind = $1 order by id',
        [kind],
      );
      return rows.map(({ value }) => value);
    },
    get: (kind, id) => read(db, kind, id),
    add: (kind, name, make, author) =>
      change(kind, async sql => {
        const record = await add(sql, kind, name, make);
        if (record !== undefined) await note(sql, kind, undefined, record, author);
        return record;
      }),
    change: (kind, id, changed, author) =>
      change(kind, async sql => {
        const old = await read(sql, kind, id, 'for update');
        if (old === undefined) return undefined;
        const record = changed(old);
        await sql.change('update records set value = $1 where kind = $2 and id = $3', [
          ...[JSON.stringify(record), kind, id],
        ]);
        await note(sql, kind, old, record, author);
        return record;
      }),
    async remove(kind, id, author) {
      const removed = await change(kind, async sql => {
        const [row] = await sql.rows<{ value: Records[typeof kind] }>(
          'delete from records where kind = $1 and id = $2 returning value',
          [kind, id],
        );
        if (row !== undefined) await note(sql, kind, row.value, undefined, author);
        return row;
      });
      return removed !== undefined;
    },
    onChange: news.onChange,
  };
}

async function add<K extends RecordKind>(
  sql: Sql,
  kind: K,
  name: string,
  make: (id: number) => Records[K],
): Promise<Records[K] | undefined> {
  // Whoever adds to a kind at the same time waits here.
  const id = await countUp(sql, `last ${kind} id`);
  const isTaken = await sql.rows('select 1 from records where kind = $1 and name = $2', [kind, name]);
  if (isTaken.length > 0) return undefined;
  const record = make(id);
  await sql.change('insert into records (kind, id, name, value) values ($1, $2, $3, $4)', [
    ...[kind, id, name, JSON.stringify(record)],
  ]);
  return record;
}

async function read<K extends RecordKind>(
  sql: Sql,
  kind: K,
  id: number,
  lock: '' | 'for update' = '',
): Promise<Records[K] | undefined> {
  const [row] = await sql.rows<{ value: Records[K] }>(
    `select value from records where kind = $1 and id = $2 ${lock}`,
    [kind, id],
  );
  return row?.value;
}

async function note<K extends RecordKind>(
  sql: Sql,
  kind: K,
  before: Records[K] | undefined,
  after: Records[K] | undefined,
  author: Author | undefined,
): Promise<void> {
  const entry = author && noteOf(kind, before, after, author);
  if (entry !== undefined) await noteAudit(sql, entry);
}
