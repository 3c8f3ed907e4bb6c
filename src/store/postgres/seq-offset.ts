import type { Database } from './database.ts';

/** Of the advisory lock under which one node at a time looks. */
const LOCK = 0x7365_7120;
/** Given after everything is read that the statement sees: no event that is there has a greater one of this server. */
const XID = 'pg_current_xact_id()::text::bigint';

/**
 * Where a database was moved to another server, that one's transactions may have lower numbers than the events were
 * written under: then what is added to them is raised, so that seq goes on rising. Nodes that start together do it once.
 */
export async function raiseSeq(db: Database): Promise<void> {
  await db.transaction(async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    await sql.change(
      `update marks set value = newest.number - ${XID} + 1 from (select max(seq) >> 20 as number from events) as newest
        where name = 'xid offset' and newest.number >= ${XID} + value`,
    );
  });
}
