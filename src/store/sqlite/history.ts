import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../../core/errors.ts';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId } from '../../core/message.ts';
import type { MessageFilter, MessageView, Page } from '../../core/message-view.ts';
import type { History } from '../store.ts';
import { prepareCursors } from './cursors.ts';
import type { Commit } from './engine.ts';
import { prepareViews, type Views } from './message-views.ts';
import type { Reader } from './reader.ts';
import { idOf } from './row-values.ts';
import { prepareSearch, type Slice } from './search.ts';

const SEQ = /^\d{1,18}$/;

/** How many candidates the first slice of a search looks at, and a later one at most: some 20 ms of work. */
const FIRST_SLICE = 500;
const WIDEST_SLICE = 8_000;

/** Reads, on a connection of their own that never waits for the writer. */
export function createHistory(commit: Commit, { db, read }: Reader, listeners: Set<() => void>): History {
  const views = prepareViews(db);
  const searchSlice = prepareSearch(db);
  const cursors = prepareCursors(db);

  /** Searches slice by slice, between which others have their turn; ends early after `maxScan` candidates. */
  async function search(
    filter: MessageFilter,
    wanted: number,
    before?: bigint,
    maxScan = Infinity,
  ): Promise<Slice> {
    const ids: bigint[] = [];
    let from = before;
    let scanned = 0;
    for (let width = FIRST_SLICE; ; width = Math.min(4 * width, WIDEST_SLICE)) {
      const slice = await read(() => searchSlice(filter, from, wanted - ids.length, width));
      ids.push(...slice.ids);
      if (slice.lookedTo === undefined) return { ids };
      scanned += width;
      if (scanned >= maxScan) return { ids, lookedTo: slice.lookedTo };
      from = slice.lookedTo;
      await turn();
    }
  }

  return {
    message: (id, account) => read(() => find(views, id, account)),
    attempts: id => read(() => (isMessageId(id) ? views.attempts(idToBigInt(id)) : [])),
    body: (id, account) =>
      read(() => {
        if (find(views, id, account) === undefined) return undefined;
        return views.body(idToBigInt(id)) ?? 'gone';
      }),
    async list(filter, { cursor, limit, maxScan }) {
      if (cursor !== undefined && !isMessageId(cursor)) throw invalidCursor('cursor');
      const before = cursor === undefined ? undefined : idToBigInt(cursor);
      // One more than the page is asked for: it says whether there is another page.
      const found = await search(filter, limit + 1, before, maxScan);
      return read(() => pageOf(views, found, limit));
    },
    count: async (filter, atMost) => (await search(filter, atMost)).ids.length,
    events: ({ after, limit, messageId, ...only }) =>
      read(() => {
        const seq = seqOf(after, 'after');
        if (messageId === undefined) return views.events(seq, limit, only);
        if (!isMessageId(messageId)) return [];
        return views.eventsOf(idToBigInt(messageId), seq, limit, only);
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

function pageOf(views: Views, { ids, lookedTo }: Slice, limit: number): Page<MessageView> {
  const items = ids.slice(0, limit).flatMap(id => views.message(id) ?? []);
  const next = ids.length > limit ? ids[limit - 1] : lookedTo;
  return next === undefined ? { items } : { items, next: idOf(next) };
}

function seqOf(text: string, field: string): bigint {
  if (!SEQ.test(text)) throw invalidCursor(field);
  return BigInt(text);
}

function invalidCursor(field: string): AppError {
  return new AppError('invalid', 'The cursor is not one of ours.', { field });
}
