import { idToBigInt } from '../../core/id.ts';
import type { ProviderId } from '../../core/message.ts';
import type { AdoptedMessage, EnqueueResult, Finish, LeaseId, NewMessage, Queue } from '../store.ts';
import { insertMessages } from './accept.ts';
import { addSentItems } from './addresses.ts';
import { openLedger } from './charges.ts';
import type { Database, Sql } from './database.ts';
import { finishAll } from './finish.ts';
import { freeKey, takeKeys } from './idempotency.ts';
import { cancel, moveLane, retry } from './intervene.ts';
import { claim, held, release } from './lease.ts';
import type { Room } from './room.ts';
import { createTurns } from './turns.ts';
import { withFacts } from './wire.ts';

const BATCH = { maxItems: 200, inFlight: 2, isOfItem: isOfItem } as const;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** The queue verbs; what comes in one turn goes in one transaction. */
export function createQueue(db: Database, room: Room): Queue {
  const accept = createTurns<NewMessage, EnqueueResult>({
    ...BATCH,
    run: messages => acceptAll(db, messages),
    bytesOf: message => message.mime.length + 2_000 * message.envelope.recipients.length,
    maxBytes: MAX_BATCH_BYTES,
  });
  const finish = createTurns<Finish, Awaited<ReturnType<typeof finishAll>>[number]>({
    ...BATCH,
    run: finishes => finishAll(db, finishes),
    bytesOf: ({ results }) => 2_000 * results.length,
    maxBytes: MAX_BATCH_BYTES,
  });
  return {
    async enqueue(message) {
      if (!room.take()) return { kind: 'full' };
      let isAccepted = false;
      try {
        const result = await accept(message);
        isAccepted = result.kind === 'accepted';
        return result;
      } finally {
        if (!isAccepted) room.moved(-1);
      }
    },
    claim: request => claim(db, request),
    async finish(one) {
      const result = await finish(one);
      if (result === 'ended') room.moved(-1);
      return result !== 'stale';
    },
    release: back => release(db, back),
    adopt: request => adopt(db, request),
    moveLane: (from, to) => moveLane(db, from, to),
    async cancel(request) {
      const result = await cancel(db, request);
      if (result === 'cancelled') room.moved(-1);
      return result;
    },
    async retry(request) {
      const result = await retry(db, request);
      if (result === 'restarted') room.moved(+1);
      return result === 'restarted' ? 'retried' : result;
    },
    depth: () => depth(db),
  };
}

/** Messages whose keys were used before are answered from then; the others are written together. */
function acceptAll(db: Database, messages: readonly NewMessage[]): Promise<readonly EnqueueResult[]> {
  return db.transaction(async sql => {
    const charged = messages.filter(({ charges = [] }) => charges.length > 0);
    const plain = messages.filter(message => !charged.includes(message));
    const results = new Map<NewMessage, EnqueueResult>();
    const earlier = await takeKeys(sql, plain);
    for (const [i, message] of plain.entries()) results.set(message, earlier[i] ?? { kind: 'accepted' });
    await acceptCharged(sql, charged, results);
    const fresh = messages.filter(message => results.get(message)?.kind === 'accepted');
    if (fresh.length > 0) await insertMessages(sql, fresh);
    for (const { sentItem, createdAt } of fresh)
      if (sentItem !== undefined) await addSentItems(sql, [sentItem], createdAt);
    return messages.map(message => results.get(message) ?? { kind: 'accepted' });
  });
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
  { from, to, limit }: { from: LeaseId; to: LeaseId; limit: number },
): Promise<readonly AdoptedMessage[]> {
  return db.transaction(async sql => {
    const messages = await held(sql, from, limit);
    const adopted = await withFacts(sql, from, messages);
    const ids = messages.map(({ id }) => idToBigInt(id));
    await sql.change('update wire set lease = $1 where lease = $2 and message_id = any($3::bigint[])', [
      ...[to, from, ids],
    ]);
    await sql.change('update queue set lease = $1 where message_id = any($2::bigint[])', [to, ids]);
    return adopted;
  });
}

async function depth(db: Database): ReturnType<Queue['depth']> {
  const rows = await db.rows<{ lane: ProviderId; waiting: bigint; oldest: bigint }>(
    'select lane, count(*) as waiting, min(due_at) as oldest from queue group by lane',
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
