import type { Sql } from './database.ts';

/** Holds names of a kind for this transaction alone, in an order that all transactions share. */
export async function lockNames(sql: Sql, kind: string, names: readonly string[]): Promise<void> {
  const sorted = [...new Set(names)].sort();
  await sql.rows(
    `select pg_advisory_xact_lock(hashtextextended($1 || ' ' || name, 0))
      from unnest($2::text[]) with ordinality as n (name, place) order by place`,
    [kind, sorted],
  );
}
