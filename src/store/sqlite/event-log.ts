import type { Database } from 'better-sqlite3';
import type { NewEvent } from '../new-event.ts';

/** Appends an event within the transaction of the change it reports. */
export type Append = (event: NewEvent) => void;

/** The writing end of the event log. */
export interface EventLog {
  readonly append: Append;
  /** Whether anything was appended since it was last asked. */
  hasNews(): boolean;
}

export function prepareEventLog(db: Database): EventLog {
  const insert = db.prepare(
    'insert into events (at, type, account, message_id, n, provider, data) values (?, ?, ?, ?, ?, ?, ?)',
  );
  let isNew = false;
  return {
    append(event) {
      isNew = true;
      insert.run(
        event.at,
        event.type,
        event.account ?? null,
        event.messageId ?? null,
        event.n ?? null,
        event.provider ?? null,
        JSON.stringify(event.data),
      );
    },
    hasNews() {
      const wasNew = isNew;
      isNew = false;
      return wasNew;
    },
  };
}
