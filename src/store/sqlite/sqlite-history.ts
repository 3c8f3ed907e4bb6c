import type { Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { History, MessageView } from '../store.ts';
import type { Commit } from './engine.ts';
import { idOf } from './rows.ts';
import { prepareSearch } from './search.ts';
import { prepareViews } from './views.ts';

/** Reads, on a connection of their own that never waits for the writer. */
export function createHistory(commit: Commit, reader: Database, listeners: Set<() => void>): History {
  const views = prepareViews(reader);
  const search = prepareSearch(reader);

  function find(id: string, account: number | undefined): MessageView | undefined {
    const view = isMessageId(id) ? views.message(idToBigInt(id)) : undefined;
    return account === undefined || view?.account === account ? view : undefined;
  }

  return {
    message: async (id, account) => find(id, account),
    attempts: async id => views.attempts(id),
    body: async (id, account) => (find(id, account) === undefined ? undefined : (views.body(id) ?? 'gone')),
    async list(filter, { cursor, limit }) {
      if (cursor !== undefined && !isMessageId(cursor))
        throw new AppError('invalid', 'The cursor is not one of ours.', { field: 'cursor' });
      const ids = search(filter, cursor === undefined ? undefined : idToBigInt(cursor), limit + 1);
      const items = ids.slice(0, limit).flatMap(id => views.message(id) ?? []);
      const last = ids[limit - 1];
      return ids.length > limit && last !== undefined ? { items, next: idOf(last) } : { items };
    },
    events: async request => views.events(request),
    record: event => commit.soon(engine => engine.append(event)),
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
