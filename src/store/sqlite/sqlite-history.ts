import { AppError } from '../../core/errors.ts';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId } from '../../core/message.ts';
import type { History, MessageView, Page } from '../store.ts';
import { prepareCursors } from './cursors.ts';
import type { Commit } from './engine.ts';
import type { Reader } from './reader.ts';
import { idOf } from './rows.ts';
import { prepareSearch, type Search } from './search.ts';
import { prepareViews, type Views } from './views.ts';

const SEQ = /^\d{1,18}$/;

/** Reads, on a connection of their own that never waits for the writer. */
export function createHistory(commit: Commit, { db, read }: Reader, listeners: Set<() => void>): History {
  const views = prepareViews(db);
  const search = prepareSearch(db);
  const cursors = prepareCursors(db);

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
    count: (filter, atMost) => read(() => search(filter, undefined, atMost).length),
    events: ({ after, limit, account, messageId }) =>
      read(() => {
        const seq = seqOf(after, 'after');
        if (messageId === undefined) return views.events(seq, limit, account);
        if (!isMessageId(messageId)) return [];
        return views.eventsOf(idToBigInt(messageId), seq, limit, account);
      }),
    record: event => commit.soon(engine => engine.append(event)),
    cursor: reader => read(() => String(cursors.cursor(reader))),
    async keepCursor(reader, seq) {
      const value = seqOf(seq, 'seq');
      await commit.soon(engine => engine.keepCursor(reader, value));
    },
    newest: () => read(() => String(cursors.newest())),
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

function seqOf(text: string, field: string): bigint {
  if (!SEQ.test(text)) throw invalidCursor(field);
  return BigInt(text);
}

function invalidCursor(field: string): AppError {
  return new AppError('invalid', 'The cursor is not one of ours.', { field });
}
