import { idToBigInt } from '../../core/id.ts';
import type { ProviderId } from '../../core/message.ts';
import type { AdoptedMessage, EnqueueResult, Finish, LeaseId, NewMessage, Queue } from '../store.ts';
import { insertMessages } from './accept.ts';
import { addSentItems } from './addresses.ts';
import { AS_LONG_AS_THE_LAST, createTurns } from './batcher.ts';
import type { News } from './change-feed.ts';
import { openLedger } from './charges.ts';
import type { Database, Sql } from './database.ts';
import { type FinishResult, finishAll } from './finish.ts';
import { freeKey, takeKeys } from './idempotency.ts';
import { createDoubts, type Doubts, type Held } from './in-doubt-leases.ts';
import { cancel, moveLane, retry } from './intervene.ts';
import { claim, held, release } from './leases.ts';
import type { Room } from './queue-capacity.ts';
import { inherit } from './wire-journal.ts';

const BATCH = {
  maxItems: 200,
  maxBytes: 4 * 1024 * 1024,
  isOfItem,
} as const;
/** What a recipient comes to in a batch. */
const RECIPIENT_BYTES = 2_000;

export interface ClosableQueue extends Queue {
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** The queue verbs; what comes in one turn goes in one transaction. */
export function createQueue(db: Database, room: Room, news: News): ClosableQueue {
  const doubts = createDoubts(db);
  const accept = createTurns<NewMessage, EnqueueResult>({
    ...BATCH,
    gathers: AS_LONG_AS_THE_LAST,
    run: messages =>
      doubts.watch(
        () => acceptAll(db, news, messages),
        () => messages.flatMap(heldBy),
      ),
    bytesOf: message => message.mime.length + RECIPIENT_BYTES * message.envelope.recipients.length,
  });
  const finish = createTurns<Finish, FinishResult>({
    ...BATCH,
    // The next message is not kept waiting by these, and the wire journal has them: large batches cost much less.
    gathers: { pauseMs: () => 100, items: 100 },
    async run(finishes) {
      const { results, newest } = await finishAll(db, finishes);
      news.wrote(newest);
      return results;
    },
    bytesOf: ({ results }) => RECIPIENT_BYTES * results.length,
  });
  return {
    enqueue: message => enqueue(room, message, accept.add),
    async claim(request) {
      await doubts.settle();
      return claim(db, doubts, request);
    },
    async finish(one) {
      const result = await finish.add(one);
      if (result === 'ended') room.moved(-1);
      return result !== 'stale';
    },
    release: back => release(db, back),
    async adopt(request) {
      await doubts.settle();
      return adopt(db, doubts, request);
    },
    moveLane: (from, to) => moveLane(db, from, to),
    async cancel(request) {
      const { result, newest = 0n } = await cancel(db, request);
      news.wrote(newest);
      if (result === 'cancelled') room.moved(-1);
      return result;
    },
    async retry(request) {
      const { result, newest = 0n } = await retry(db, request);
      news.wrote(newest);
      if (result === 'restarted') room.moved(+1);
      return result === 'restarted' ? 'retried' : result;
    },
    depth: () => depth(db),
    async close() {
      await Promise.all([accept.close(), finish.close()]);
    },
  };
}

async function enqueue(
  room: Room,
  message: NewMessage,
  accept: (message: NewMessage) => Promise<EnqueueResult>,
): Promise<EnqueueResult> {
  // Taken before the commit, so that those that come in the same turn do not all see the last place free.
  if (!room.take()) return { kind: 'full' };
  let isAccepted = false;
  try {
    const result = await accept(message);
    isAccepted = result.kind === 'accepted';
    return result;
  } finally {
    room.settle(isAccepted);
  }
}

/** In one statement, unless there is more to decide than what to write. */
async function acceptAll(
  db: Database,
  news: News,
  messages: readonly NewMessage[],
): Promise<readonly EnqueueResult[]> {
  if (messages.every(isPlain)) {
    news.wrote(await insertMessages(db, messages));
    return messages.map(() => ({ kind: 'accepted' }));
  }
  const { results, newest } = await db.transaction(sql => decide(sql, messages));
  news.wrote(newest);
  return results;
}

function isPlain({ idempotency, charges = [], sentItem }: NewMessage): boolean {
  return idempotency === undefined && charges.length === 0 && sentItem === undefined;
}

/** Messages whose keys were used before are answered from then; the others are written together. */
async function decide(
  sql: Sql,
  messages: readonly NewMessage[],
): Promise<{ readonly results: readonly EnqueueResult[]; readonly newest: bigint }> {
  const [charged, free] = [true, false].map(isCharged =>
    messages.filter(({ charges = [] }) => charges.length > 0 === isCharged),
  );
  const results = new Map<NewMessage, EnqueueResult>();
  const earlier = await takeKeys(sql, free ?? []);
  for (const [i, message] of (free ?? []).entries()) results.set(message, earlier[i] ?? { kind: 'accepted' });
  await acceptCharged(sql, charged ?? [], results);
  const fresh = messages.filter(message => results.get(message)?.kind === 'accepted');
  const newest = fresh.length > 0 ? await insertMessages(sql, fresh) : 0n;
  for (const { sentItem, createdAt } of fresh)
    if (sentItem !== undefined) await addSentItems(sql, [sentItem], createdAt);
  return { results: messages.map(message => results.get(message) ?? { kind: 'accepted' }), newest };
}

/** One after the other: who repeats a submission pays nothing, and who cannot pay leaves the key to others. */
async function acceptCharged(
  sql: Sql,
  messages: readonly NewMessage[],
  results: Map<NewMessage, EnqueueResult>,
): Promise<void> {
  const [first] = messages;
  if (first === undefined) return;
  const ledger = await openLedger(
    sql,
    messages.flatMap(({ charges = [] }) => charges),
  );
  for (const message of messages) {
    const [earlier] = await takeKeys(sql, [message]);
    const short = earlier === undefined ? ledger.take(message.charges ?? []) : undefined;
    if (short !== undefined) await freeKey(sql, message);
    results.set(message, earlier ?? short ?? { kind: 'accepted' });
  }
  await ledger.save(first.createdAt);
}

/** In one transaction with the leases: who dies in between has adopted nothing. */
function adopt(
  db: Database,
  doubts: Doubts,
  { from, to, limit }: { from: LeaseId; to: LeaseId; limit: number },
): Promise<readonly AdoptedMessage[]> {
  let ids: readonly bigint[] = [];
  const work = async (sql: Sql) => {
    const messages = await held(sql, from, limit);
    const adopted = await inherit(sql, { from, to, messages });
    ids = messages.map(({ id }) => idToBigInt(id));
    await sql.change('update queue set lease = $1 where message_id = any($2::bigint[])', [to, ids]);
    return adopted;
  };
  return doubts.watch(
    () => db.transaction(work),
    () => ids.map(id => ({ id, lease: to, from })),
  );
}

/** What is handed over from memory is leased from the beginning. */
function heldBy({ id, lease }: NewMessage): Held[] {
  return lease === undefined ? [] : [{ id: idToBigInt(id), lease }];
}

async function depth(db: Database): ReturnType<Queue['depth']> {
  const rows = await db.rows<{ lane: ProviderId; waiting: bigint; oldest: bigint }>(
    'select lane, count(*) as waiting, min(due_at) as oldest from queue group by lane order by lane',
  );
  return rows.map(({ lane, waiting, oldest }) => ({
    lane,
    waiting: Number(waiting),
    oldestDueAt: Number(oldest),
  }));
}

/** A value that a column does not take; whatever else it is concerns the whole batch. */
function isOfItem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
