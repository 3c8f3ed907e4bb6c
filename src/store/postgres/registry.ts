import type { RecordKind, Records } from '../store.ts';
import type { Database, Sql } from './database.ts';

/** The rows of providers, accounts, keys and settings, as JSON. Ids are never used twice. */
export interface RecordRows {
  list<K extends RecordKind>(kind: K): Promise<readonly Records[K][]>;
  get<K extends RecordKind>(kind: K, id: number): Promise<Records[K] | undefined>;
  add<K extends RecordKind>(
    kind: K,
    name: string,
    make: (id: number) => Records[K],
  ): Promise<Records[K] | undefined>;
  change<K extends RecordKind>(
    kind: K,
    id: number,
    change: (old: Records[K]) => Records[K],
  ): Promise<Records[K] | undefined>;
  remove(kind: RecordKind, id: number): Promise<boolean>;
}

/** Every change also counts up the kind's version, which tells other nodes to read again. */
export function createRecordRows(db: Database): RecordRows {
  return {
    async list<K extends RecordKind>(kind: K) {
      const rows = await db.rows<{ value: Records[K] }>(
        'select value from records where kind = $1 order by id',
        [kind],
      );
      return rows.map(({ value }) => value);
    },
    get: (kind, id) => read(db, kind, id),
    add: (kind, name, make) =>
      db.transaction(async sql => {
        // Whoever adds to a kind at the same time waits here.
        const id = await countUp(sql, `last ${kind} id`);
        const isTaken = await sql.rows('select 1 from records where kind = $1 and name = $2', [kind, name]);
        if (isTaken.length > 0) return undefined;
        const record = make(id);
        await sql.change('insert into records (kind, id, name, value) values ($1, $2, $3, $4)', [
          ...[kind, id, name, JSON.stringify(record)],
        ]);
        await countUp(sql, `version of ${kind}`);
        return record;
      }),
    change: (kind, id, change) =>
      db.transaction(async sql => {
        const old = await read(sql, kind, id, 'for update');
        if (old === undefined) return undefined;
        const record = change(old);
        await sql.change('update records set value = $1 where kind = $2 and id = $3', [
          ...[JSON.stringify(record), kind, id],
        ]);
        await countUp(sql, `version of ${kind}`);
        return record;
      }),
    remove: (kind, id) =>
      db.transaction(async sql => {
        const removed = await sql.change('delete from records where kind = $1 and id = $2', [kind, id]);
        if (removed > 0) await countUp(sql, `version of ${kind}`);
        return removed > 0;
      }),
  };
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

async function countUp(sql: Sql, mark: string): Promise<number> {
  const [row] = await sql.rows<{ value: bigint }>(
    `insert into marks (name, value) values ($1, 1)
      on conflict (name) do update set value = marks.value + 1 returning value`,
    [mark],
  );
  return Number(row?.value ?? 0);
}
