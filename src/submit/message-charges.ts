import type { Account, AccountLimits } from '../core/account.ts';
import { periodOf, rollingBudget, type WindowName } from '../core/budget.ts';
import { AppError } from '../core/errors.ts';
import type { Charge } from '../core/submission.ts';

/** What an account's own limits make a message cost. */
export function accountCharges({ id, limits }: Account, recipients: number, now: number): readonly Charge[] {
  return WINDOWS.flatMap(([field, window]): Charge[] => {
    const max = limits[field];
    if (max === undefined) return [];
    const budget = rollingBudget(`account:${id}`, window, max, now);
    return [{ kind: 'budget', budget, amount: recipients }];
  });
}

/** What there was not enough of, and when there may be. */
export function shortage(charge: Charge | undefined, retryAt: number | undefined, now: number): AppError {
  const reason = charge?.reason;
  const waitMs = retryAt === undefined ? LONG_MS : Math.max(1_000, retryAt - now);
  return new AppError('rate_limited', sentenceOf(charge), {
    ...(reason && { reason }),
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
}

type WindowField = Exclude<keyof AccountLimits, 'maxRecipientsPerMessage'>;

const WINDOWS: readonly (readonly [WindowField, WindowName])[] = [
  ['maxPerMinute', 'minute'],
  ['maxPerHour', 'hour'],
  ['maxPerDay', 'day'],
];
/** What to wait where no time is known after which there is more. */
const LONG_MS = 3_600_000;

function sentenceOf(charge: Charge | undefined): string {
  if (charge?.kind === 'balance') return `The address ${charge.address} has no balance left.`;
  if (charge === undefined) return 'A limit is used up for now.';
  return `The limit of ${charge.budget.max} recipients a ${periodOf(charge.budget)} is used up for now.`;
}
