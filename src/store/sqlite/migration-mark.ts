import type { Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';

/** That this store's mail was given to another database, or is just being given. */
export interface MovedMark {
  readonly isDone: boolean;
  /** The other database, as people know it. */
  readonly to: string;
  /** What both databases remember this move by. */
  readonly token: string;
}

// The mark stands among the migrations, so that also older programs refuse the file: they know of no such step.
const NUMBER = 1_000_000;
const NAME = /^(moved|moving) to (.*)$/;

export function readMovedMark(db: Database): MovedMark | undefined {
  const row = db.prepare('select name, checksum from migrations where number = ?').get(NUMBER) as
    | { readonly name: string; readonly checksum: string }
    | undefined;
  const [, word, to = ''] = NAME.exec(row?.name ?? '') ?? [];
  return row && { isDone: word === 'moved', to, token: row.checksum };
}

export function writeMovedMark(db: Database, { isDone, to, token }: MovedMark, now: number): void {
  db.prepare(
    'insert or replace into migrations (number, name, checksum, applied_at) values (?, ?, ?, ?)',
  ).run(NUMBER, `${isDone ? 'moved' : 'moving'} to ${to}`, token, now);
}

/** Throws when the mail of this store is elsewhere: a gate that went on here would send it a second time. */
export function assertNotMoved(db: Database): void {
  const mark = readMovedMark(db);
  if (mark === undefined) return;
  throw new AppError(
    'invalid',
    mark.isDone
      ? `The mail of this store was moved to ${mark.to}: set store to that database.`
      : `The move of this store to ${mark.to} was cut off at its very end: run the same postern migrate again, which finds out whether all is there.`,
    { field: 'store' },
  );
}
