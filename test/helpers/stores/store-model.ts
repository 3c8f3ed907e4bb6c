import type { AccountId, MessageId } from '../../../src/core/message.ts';
import type { RecipientState } from '../../../src/core/outcome.ts';
import type { NextState } from '../../../src/core/settle.ts';
import { type CancelResult, type NewMessage, NO_LANE, type RetryResult } from '../../../src/store/store.ts';

/** A message as the model has it; `leasedFor` are the recipients it was claimed for, absent when it is not leased. */
export interface ModelMessage {
  readonly id: MessageId;
  readonly account: AccountId;
  readonly rank: number;
  readonly recipients: { state: RecipientState; dueAt?: number; attempts: number }[];
  lane: number;
  dueAt: number;
  attempt: number;
  /** The number of the last attempt that came into the ledger. */
  recorded: number;
  leasedFor?: readonly number[];
}

/** The queue in a few lines of memory: what every engine's is held against. */
export interface QueueModel {
  readonly messages: readonly ModelMessage[];
  enqueue(message: NewMessage): void;
  claim(lane: number, now: number, limit: number): { claimed: readonly ModelMessage[]; nextDueAt?: number };
  finish(message: ModelMessage, standings: readonly NextState[]): void;
  release(message: ModelMessage, lane: number, dueAt: number): void;
  cancel(message: ModelMessage): CancelResult;
  retry(message: ModelMessage, now: number): RetryResult;
  moveLane(from: number, to: number): number;
  depth(): readonly { lane: number; waiting: number; oldestDueAt: number }[];
}

const RANKS = { high: 0, normal: 1, bulk: 2 };
const RESTARTABLE: readonly RecipientState[] = ['bounced', 'failed', 'expired', 'unknown'];
const UNTRIED: readonly RecipientState[] = ['expired', 'cancelled', 'queued'];

export function createQueueModel(): QueueModel {
  const messages: ModelMessage[] = [];
  const isQueued = (message: ModelMessage) => message.recipients.some(one => one.dueAt !== undefined);
  const waiting = (lane: number) =>
    messages
      .filter(one => isQueued(one) && one.leasedFor === undefined && one.lane === lane)
      .toSorted((a, b) => a.rank - b.rank || a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));

  return {
    messages,
    enqueue({ id, account, priority, lane, dueAt, envelope, lease }) {
      const recipients = envelope.recipients.map(() => ({ state: 'queued' as const, dueAt, attempts: 0 }));
      const message = {
        id,
        account,
        rank: RANKS[priority],
        recipients,
        lane,
        dueAt,
        attempt: 0,
        recorded: 0,
      };
      messages.push(lease === undefined ? message : taken(message, Number.POSITIVE_INFINITY));
    },
    claim(lane, now, limit) {
      const claimed = waiting(lane)
        .filter(one => one.dueAt <= now)
        .slice(0, limit)
        .map(message => taken(message, now));
      const nextDueAt = Math.min(...waiting(lane).map(one => one.dueAt));
      return Number.isFinite(nextDueAt) ? { claimed, nextDueAt } : { claimed };
    },
    finish(message, standings) {
      if (standings.some(one => !UNTRIED.includes(one.state))) message.recorded = message.attempt;
      for (const [i, index] of (message.leasedFor ?? []).entries()) {
        const recipient = message.recipients[index];
        const standing = standings[i];
        if (recipient === undefined || standing === undefined) continue;
        const attempts = recipient.attempts + (UNTRIED.includes(standing.state) ? 0 : 1);
        message.recipients[index] = { ...standing, attempts };
      }
      delete message.leasedFor;
      message.dueAt = earliest(message);
    },
    release(message, lane, dueAt) {
      delete message.leasedFor;
      message.attempt -= 1;
      message.lane = lane;
      message.dueAt = Math.max(dueAt, earliest(message));
    },
    cancel(message) {
      if (!isQueued(message)) return 'ended';
      if (message.leasedFor !== undefined) return 'started';
      for (const recipient of message.recipients) {
        if (recipient.dueAt === undefined) continue;
        if (recipient.state !== 'unknown') recipient.state = 'cancelled';
        delete recipient.dueAt;
      }
      return 'cancelled';
    },
    retry(message, now) {
      if (message.leasedFor !== undefined) return 'under-way';
      const isWaiting = isQueued(message);
      const ended = message.recipients.filter(
        one => one.dueAt === undefined && RESTARTABLE.includes(one.state),
      );
      if (!isWaiting && ended.length === 0) return 'nothing-to-retry';
      message.dueAt = isWaiting ? Math.min(message.dueAt, now) : now;
      if (!isWaiting) {
        message.lane = NO_LANE;
        message.attempt = message.recorded;
      }
      for (const recipient of message.recipients) {
        if (recipient.dueAt !== undefined) recipient.dueAt = Math.min(recipient.dueAt, now);
      }
      for (const recipient of ended) {
        if (recipient.state !== 'unknown') recipient.state = 'queued';
        recipient.dueAt = now;
      }
      return 'retried';
    },
    moveLane(from, to) {
      const moved = waiting(from);
      for (const message of moved) message.lane = to;
      return from === to ? 0 : moved.length;
    },
    depth() {
      const queued = messages.filter(isQueued).toSorted((a, b) => a.lane - b.lane);
      return [...Map.groupBy(queued, one => one.lane)].map(([lane, inLane]) => ({
        lane,
        waiting: inLane.length,
        oldestDueAt: Math.min(...inLane.map(one => one.dueAt)),
      }));
    },
  };
}

function taken(message: ModelMessage, now: number): ModelMessage {
  message.leasedFor = message.recipients.flatMap(({ dueAt }, i) =>
    dueAt !== undefined && dueAt <= now ? [i] : [],
  );
  message.attempt += 1;
  return message;
}

function earliest(message: ModelMessage): number {
  return Math.min(...message.recipients.flatMap(one => one.dueAt ?? []));
}
