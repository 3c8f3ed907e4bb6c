import { AppError } from '../../core/errors.ts';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId } from '../../core/message.ts';
import type { MessageView } from '../../core/message-view.ts';
import type { History } from '../store.ts';
import type { News } from './change-feed.ts';
import type { Database } from './database.ts';
import { appendEvents, FIRST_OPEN_SEQ } from './event-log.ts';
import { attemptsOf, bodyOf, eventsAfter, messageViews } from './message-views.ts';
import { idOf } from './row-values.ts';
import { search } from './search.ts';

const SEQ = /^\d{1,18}$/;

/** What became of mail, and the event log. */
export function createHistory(db: Database, news: News): History {
  async function find(id: string, account: AccountId | undefined): Promise<MessageView | undefined> {
    if (!isMessageId(id)) return undefined;
    const [view] = await messageViews(db, [idToBigInt(id)]);
    return account === undefined || view?.account === account ? view : undefined;
  }

  return {
    message: find,
    attempts: async id => (isMessageId(id) ? attemptsOf(db, idToBigInt(id)) : []),
    async body(id, account) {
      if ((await find(id, account)) === undefined) return undefined;
      return (await bodyOf(db, idToBigInt(id))) ?? 'gone';
    },
    async list(filter, { cursor, limit }) {
      if (cursor !== undefined && !isMessageId(cursor)) throw invalidCursor('cursor');
      const before = cursor === undefined ? undefined : idToBigInt(cursor);
      // One more than the page is asked for: it says whether there is another page.
      const ids = await search(db, filter, before, limit + 1);
      const items = await messageViews(db, ids.slice(0, limit));
      const last = ids[limit - 1];
      return ids.length > limit && last !== undefined ? { items, next: idOf(last) } : { items };
    },
    count: async (filter, atMost) => (await search(db, filter, undefined, atMost)).length,
    async events({ after, messageId, ...request }) {
      const seq = seqOf(after, 'after');
      if (messageId !== undefined && !isMessageId(messageId)) return [];
      const id = messageId === undefined ? {} : { messageId: idToBigInt(messageId) };
      const { events, isHeldBack } = await eventsAfter(db, { ...request, after: seq, ...id });
      if (isHeldBack) news.heldBack();
      return events;
    },
    async record(event) {
      news.wrote(await db.transaction(sql => appendEvents(sql, [event])));
    },
    async cursor(reader) {
      const [row] = await db.rows<{ seq: bigint }>('select seq from cursors where reader = $1', [reader]);
      return String(row?.seq ?? 0n);
    },
    async keepCursor(reader, seq) {
      await db.change(
        `insert into cursors (reader, seq) values ($1, $2)
          on conflict (reader) do update set seq = excluded.seq`,
        [reader, seqOf(seq, 'seq')],
      );
    },
    async newest() {
      const [row] = await db.rows<{ seq: bigint | null }>(
        `select max(seq) as seq from events where seq < ${FIRST_OPEN_SEQ}`,
      );
      return String(row?.seq ?? 0n);
    },
    onEvents: news.onEvents,
  };
}

function seqOf(text: string, field: string): bigint {
  if (!SEQ.test(text)) throw invalidCursor(field);
  return BigInt(text);
}

function invalidCursor(field: string): AppError {
  return new AppError('invalid', 'The cursor is not one of ours.', { field });
}
