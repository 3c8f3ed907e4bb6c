import type { ProviderId } from '../core/message.ts';
import type { Outcome, Phase } from '../core/outcome.ts';
import { type SettlePolicy, settle } from '../core/settle.ts';
import type { DueRecipient, Finish, LeasedMessage, RecipientResult } from '../store/store.ts';

/** What an attempt said of a recipient. */
export interface LastWord {
  readonly outcome: Outcome;
  /** The number of the attempt. */
  readonly attempt: number;
  readonly provider: ProviderId;
  readonly phase: Phase;
}

export interface SettleContext {
  readonly now: () => number;
  readonly random: () => number;
  readonly policy: SettlePolicy;
}

/** Where a recipient stands after an attempt, whether the process that made it recorded it or the one after it. */
export function resultFor(
  { now, random, policy }: SettleContext,
  { expiresAt }: LeasedMessage,
  { index, wasUnknown, attempts }: DueRecipient,
  { outcome, attempt, provider, phase }: LastWord,
): RecipientResult {
  const standing = settle(outcome, {
    now: now(),
    expiresAt,
    wasUnknown,
    attempts: attempts + 1,
    random: random(),
    policy,
  });
  const isAssumed = standing.state === 'delivered' && outcome.kind === 'unknown';
  return {
    index,
    ...standing,
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
