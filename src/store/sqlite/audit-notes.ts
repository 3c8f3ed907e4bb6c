import type { Database } from 'better-sqlite3';
import type { AuditNote } from '../audit.ts';

/** The writing end of the audit log, within the transaction of what it notes. */
export function prepareAuditNotes(db: Database): (note: AuditNote) => void {
  const insert = db.prepare(
    'insert into audit (at, author, action, kind, subject, name, changes) values (?, ?, ?, ?, ?, ?, ?)',
  );
  return ({ at, by, action, kind, subject, name, changes }) => {
    insert.run(at, by, action, kind, subject, name, JSON.stringify(changes));
  };
}
