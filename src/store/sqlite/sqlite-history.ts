import type { Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId } from '../../core/message.ts';
import type { History, MessageView, Page } from '../store.ts';
import type { Commit } from './engine.ts';
import { idOf } from './rows.ts';
import { prepareSearch, type Search } from './search.ts';
import { storeIsClosed } from './unavailable.ts';
import { prepareViews, type Views } from './views.ts';

const SEQ = /^\d{1,18}$/;

/** Reads, on a connection of their own that never waits for the writer. */
export function createHistory(commit: Commit, reader: Database, listeners: Set<() => void>): History {
  const views = prepareViews(reader);
  const search = prepareSearch(reader);

  async function read<T>(work: () => T): Promise<T> {
    if (!reader.open) throw storeIsClosed();
    return work();
  }

  return {
    message: (id, account) => read(() => find(views, id, account)),
    attempts: id => read(() => (isMessageId(id) ? views.attempts(idToBigInt(id)) : [])),
    body: (id, account) =>
      read(() => {
        if (find(views, id, account) === undefined) return undefined;
        return views.body(idToBigInt(id)) ?? 'gone';
      }),
    list: (filter, { cursor, limit }) =>
      read(() => pageOf(views, (before, count) => search(filter, before, count), cursor, limit)),
    events: ({ after, limit, account, messageId }) =>
      read(() => {
        if (!SEQ.test(after)) throw invalidCursor('after');
        if (messageId === undefined) return views.events(BigInt(after), limit, account);
        if (!isMessageId(messageId)) return [];
        return views.eventsOf(idToBigInt(messageId), BigInt(after), limit, account);
      }),
    record: event => commit.soon(engine => engine.append(event)),
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function find(views: Views, id: string, account: AccountId | undefined): MessageView | undefined {
  const view = isMessageId(id) ? views.message(idToBigInt(id)) : undefined;
  return account === undefined || view?.account === account ? view : undefined;
}

/** One more than the page is asked for: it says whether there is another page. */
function pageOf(
  views: Views,
  search: (before: bigint | undefined, limit: number) => ReturnType<Search>,
  cursor: string | undefined,
  limit: number,
): Page<MessageView> {
  if (cursor !== undefined && !isMessageId(cursor)) throw invalidCursor('cursor');
  const ids = search(cursor === undefined ? undefined : idToBigInt(cursor), limit + 1);
  const items = ids.slice(0, limit).flatMap(id => views.message(id) ?? []);
  const last = ids[limit - 1];
  return ids.length > limit && last !== undefined ? { items, next: idOf(last) } : { items };
}

function invalidCursor(field: string): AppError {
  return new AppError('invalid', 'The cursor is not one of ours.', { field });
}
