import { AppError } from '../../core/errors.ts';
import type { Audit, AuditEntry } from '../audit.ts';
import type { Commit } from './engine.ts';
import type { Reader } from './reader.ts';
import { fromJson } from './row-values.ts';

interface AuditRow extends Omit<AuditEntry, 'id' | 'by' | 'changes'> {
  readonly id: number;
  readonly author: string;
  readonly changes: string;
}

const CURSOR = /^\d{1,15}$/;

/** The audit log, read on the connection that never waits for the writer. */
export function createAudit(commit: Commit, { db, read }: Reader): Audit {
  const all = db.prepare('select * from audit where id < ? order by id desc limit ?');
  const ofKind = db.prepare('select * from audit where kind = ? and id < ? order by id desc limit ?');
  return {
    note: note => commit.soon(engine => engine.noteAudit(note)),
    list: ({ kind, cursor, limit }) =>
      read(() => {
        if (cursor !== undefined && !CURSOR.test(cursor)) {
          throw new AppError('invalid', 'The cursor is not one of ours.', { field: 'cursor' });
        }
        const before = Number(cursor ?? Number.MAX_SAFE_INTEGER);
        // One more than the page is asked for: it says whether there is another page.
        const found = kind === undefined ? all.all(before, limit + 1) : ofKind.all(kind, before, limit + 1);
        const items = (found as AuditRow[]).slice(0, limit).map(toEntry);
        const next = found.length > limit ? items.at(-1)?.id : undefined;
        return next === undefined ? { items } : { items, next };
      }),
  };
}

function toEntry({ id, author, changes, ...same }: AuditRow): AuditEntry {
  return { ...same, id: String(id), by: author, changes: fromJson(changes) as AuditEntry['changes'] };
}
