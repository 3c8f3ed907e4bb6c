import type { Account, AccountLimits } from '../core/account.ts';
import { periodOf, rollingBudget, type WindowName } from '../core/budget.ts';
import { AppError } from '../core/errors.ts';
import type { Charge } from '../core/submission.ts';

/** Returns the charges of a message for the limits of its account. */
export function accountCharges({ id, limits }: Account, recipients: number, now: number): readonly Charge[] {
  return WINDOWS.flatMap(([field, window]): Charge[] => {
    const max = limits[field];
    if (max === undefined) return [];
    const budget = rollingBudget(`account:${id}`, window, max, now);
    return [{ kind: 'budget', budget, amount: recipients }];
  });
}

/** Returns the error for a limit that is used up, with the time until it has enough again. */
export function shortage(charge: Charge | undefined, retryAt: number | undefined, now: number): AppError {
  const reason = charge?.reason;
  const waitMs = retryAt === undefined ? LONG_MS : Math.max(1_000, retryAt - now);
  return new AppError('rate_limited', messageOf(charge), {
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
/** The wait when it is not known when the limit has enough again. */
const LONG_MS = 3_600_000;

function messageOf(charge: Charge | undefined): string {
  if (charge?.kind === 'balance') return `The address ${charge.address} has no balance left.`;
  if (charge === undefined) return 'A rate limit is used up.';
  return `The limit of ${charge.budget.max} recipients per ${periodOf(charge.budget)} is used up.`;
}
