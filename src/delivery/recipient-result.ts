import type { ProviderId } from '../core/message.ts';
import type { Outcome, Phase } from '../core/outcome.ts';
import { type SettlePolicy, settle } from '../core/settle.ts';
import type { DueRecipient, Finish, LeasedMessage, RecipientResult } from '../store/store.ts';

/** The outcome of a transaction for one recipient. */
export interface RecipientOutcome {
  readonly outcome: Outcome;
  /** The number of the attempt, from 1 within the message. */
  readonly attempt: number;
  readonly provider: ProviderId;
  /** How far the transaction got. */
  readonly phase: Phase;
}

export interface SettleContext {
  /** Epoch ms. */
  readonly now: () => number;
  /** 0 ≤ random < 1, for the jitter of retries. */
  readonly random: () => number;
  readonly policy: SettlePolicy;
}

/** The state of a recipient after an outcome. The process that made the attempt uses it, and after a crash its successor. */
export function resultFor(
  { now, random, policy }: SettleContext,
  { expiresAt }: LeasedMessage,
  { index, wasUnknown, attempts }: DueRecipient,
  { outcome, attempt, provider, phase }: RecipientOutcome,
): RecipientResult {
  const { state, dueAt } = settle(outcome, {
    now: now(),
    expiresAt,
    wasUnknown,
    attempts: attempts + 1,
    random: random(),
    policy,
  });
  const isAssumed = state === 'delivered' && outcome.kind === 'unknown';
  return {
    index,
    state,
    ...(dueAt !== undefined && { dueAt }),
    outcome: isAssumed ? { kind: 'delivered', assumed: true } : outcome,
    attempt,
    provider,
    phase,
  };
}

/** Epoch ms at which the next recipient is due; undefined when all of them are final. */
export function earliestDue({ results }: Finish): number | undefined {
  let earliest: number | undefined;
  for (const { dueAt } of results) {
    if (dueAt !== undefined && (earliest === undefined || dueAt < earliest)) earliest = dueAt;
  }
  return earliest;
}
