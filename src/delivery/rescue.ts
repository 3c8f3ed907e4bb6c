import { judge } from '../core/judge.ts';
import type { AttemptRecord } from '../core/message-view.ts';
import type { Transmission } from '../core/outcome.ts';
import type {
  AdoptedMessage,
  Finish,
  LeasedMessage,
  LeaseId,
  RecipientResult,
  Store,
  WireFact,
} from '../store/store.ts';
import { resultFor, type SettleContext } from './recipient-result.ts';

export interface RescueContext extends SettleContext {
  readonly store: Store;
  readonly lease: LeaseId;
}

/** How many messages of dead nodes were taken over. */
export interface Rescued {
  /** No dot was sent: due again at once. */
  readonly notSent: number;
  /** The reply to the dot was read: its result is written. */
  readonly answered: number;
  /** The dot was sent and no reply was read: written as unknown. */
  readonly unknown: number;
}

/** Messages that are taken over at once. */
const BATCH = 200;

/**
 * Takes over the messages of dead incarnations. Their wire journals tell what happened to each
 * (docs/decisions/01-wire-journal.md).
 */
export type Rescue = () => Promise<Rescued>;

const NOTHING: Rescued = { notSent: 0, answered: 0, unknown: 0 };

export function createRescue(context: RescueContext): Rescue {
  const { store, lease, now } = context;
  /** Messages that are ours but whose result could not be written. The next run starts with them. */
  let unsettled: readonly AdoptedMessage[] = [];

  async function settle(adopted: readonly AdoptedMessage[]): Promise<Rescued> {
    const settled = await Promise.allSettled(adopted.map(one => settleAdopted(context, one)));
    unsettled = adopted.filter((_, i) => settled[i]?.status === 'rejected');
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
    return settled.map(one => (one.status === 'fulfilled' ? one.value : NOTHING)).reduce(sum, NOTHING);
  }

  return async () => {
    let total = await settle(unsettled);
    for (const from of await store.nodes.dead(now(), lease)) {
      for (;;) {
        const adopted = await store.queue.adopt({ from, to: lease, limit: BATCH });
        if (adopted.length === 0) break;
        total = sum(total, await settle(adopted));
      }
      await store.nodes.leave(from);
    }
    return total;
  };
}

async function settleAdopted(context: RescueContext, { message, facts }: AdoptedMessage): Promise<Rescued> {
  if (facts.length === 0) {
    const back = { id: message.id, lease: context.lease, lane: message.lane, dueAt: context.now() };
    await context.store.queue.release(back);
    return { notSent: 1, answered: 0, unknown: 0 };
  }
  await context.store.queue.finish(finishOf(context, message, facts));
  const isAnswered = facts.every(fact => fact.reply !== undefined);
  return isAnswered ? { notSent: 0, answered: 1, unknown: 0 } : { notSent: 0, answered: 0, unknown: 1 };
}

/** The result that the dead node would have written. */
function finishOf(context: RescueContext, message: LeasedMessage, facts: readonly WireFact[]): Finish {
  const at = context.now();
  const results = new Map<number, RecipientResult>();
  for (const fact of facts)
    for (const result of resultsOf(context, message, fact)) results.set(result.index, result);
  return {
    id: message.id,
    account: message.account,
    lease: context.lease,
    at,
    attempts: facts.map(fact => recordOf(message, fact, at)),
    results: [...results.values()],
    lane: facts.at(-1)?.provider ?? message.lane,
  };
}

function resultsOf(context: RescueContext, message: LeasedMessage, fact: WireFact): RecipientResult[] {
  const transmission = transmissionOf(fact);
  const { outcomes } = judge(transmission, fact.indexes.length);
  return fact.indexes.flatMap((index, i) => {
    const recipient = message.recipients.find(one => one.index === index);
    const outcome = outcomes[i];
    if (recipient === undefined || outcome === undefined) return [];
    const { attempt, provider } = fact;
    return [
      resultFor(context, message, recipient, { outcome, attempt, provider, phase: transmission.phase }),
    ];
  });
}

function recordOf(message: LeasedMessage, fact: WireFact, at: number): AttemptRecord {
  const { phase, reply, error } = transmissionOf(fact);
  const wasUnknown = message.recipients.some(one => one.wasUnknown && fact.indexes.includes(one.index));
  return {
    number: fact.attempt,
    provider: fact.provider,
    startedAt: at,
    durationMs: 0,
    phase,
    ...(reply && { reply }),
    ...(error !== undefined && { error }),
    ...(wasUnknown && { repeated: true }),
  };
}

function transmissionOf(fact: WireFact): Transmission {
  const recipients = fact.indexes.map((_, i) => fact.refused[i]);
  if (fact.reply !== undefined) return { phase: 'done', reply: fact.reply, recipients };
  return {
    phase: 'dot',
    error: 'The process ended after it sent the end of the message and before it read the reply.',
    recipients,
  };
}

function sum(a: Rescued, b: Rescued): Rescued {
  return {
    notSent: a.notSent + b.notSent,
    answered: a.answered + b.answered,
    unknown: a.unknown + b.unknown,
  };
}
