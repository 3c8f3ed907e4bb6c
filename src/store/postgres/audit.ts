import { AppError } from '../../core/errors.ts';
import type { Audit, AuditEntry, AuditNote } from '../audit.ts';
import type { Database, Sql } from './database.ts';

interface AuditRow extends Omit<AuditEntry, 'id' | 'at' | 'by'> {
  readonly id: bigint;
  readonly at: bigint;
  readonly author: string;
}

const CURSOR = /^\d{1,15}$/;

/** What was done by hand. */
export function createAudit(db: Database): Audit {
  return {
    note: note => db.transaction(sql => noteAudit(sql, note)),
    async list({ kind, cursor, limit }) {
      if (cursor !== undefined && !CURSOR.test(cursor))
        throw new AppError('invalid', 'The cursor is not one of ours.', { field: 'cursor' });
      const before = Number(cursor ?? Number.MAX_SAFE_INTEGER);
      const ofKind = kind === undefined ? '' : 'and kind = $3';
      // One more than the page is asked for: it says whether there is another page.
      const found = await db.rows<AuditRow>(
        `select * from audit where id < $1 ${ofKind} order by id desc limit $2`,
        [before, limit + 1, ...(kind === undefined ? [] : [kind])],
      );
      const items = found.slice(0, limit).map(entryOf);
      const next = found.length > limit ? items.at(-1)?.id : undefined;
      return next === undefined ? { items } : { items, next };
    },
  };
}

/** Writes an entry within the transaction of what it notes. */
export async function noteAudit(sql: Sql, note: AuditNote): Promise<void> {
  const { at, by, action, kind, subject, name, changes } = note;
  await sql.change(
    'insert into audit (at, author, action, kind, subject, name, changes) values ($1, $2, $3, $4, $5, $6, $7)',
    [at, by, action, kind, subject, name, JSON.stringify(changes)],
  );
}

function entryOf({ id, at, author, ...same }: AuditRow): AuditEntry {
  return { ...same, id: String(id), at: Number(at), by: author };
}
