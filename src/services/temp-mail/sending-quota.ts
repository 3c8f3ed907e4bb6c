import { calendarBudget } from '../../core/budget.ts';
import type { Charge } from '../../core/submission.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Limits } from '../../store/limits.ts';
import type { Policy } from './sending-policy.ts';

type QuotaCharge = Extract<Charge, { kind: 'budget' }> & { readonly reason: 'quota-day' | 'quota-month' };

/** The owner of the budgets: one quota for all addresses together. */
const OWNER = 'temp-mail';
/** The original API uses -1 for no limit. */
const UNLIMITED = -1;

/** The charges of recipients to the daily and monthly quotas. */
export function quotaCharges({ sendLimits }: Policy, amount: number, now: number): readonly QuotaCharge[] {
  const { dailyEnabled, dailyLimit, monthlyEnabled, monthlyLimit } = sendLimits;
  const charges: QuotaCharge[] = [];
  if (dailyEnabled && dailyLimit > UNLIMITED) {
    const budget = calendarBudget(OWNER, 'day', dailyLimit, now);
    charges.push({ kind: 'budget', budget, amount, reason: 'quota-day' });
  }
  if (monthlyEnabled && monthlyLimit > UNLIMITED) {
    const budget = calendarBudget(OWNER, 'month', monthlyLimit, now);
    charges.push({ kind: 'budget', budget, amount, reason: 'quota-month' });
  }
  return charges;
}

/** Throws if a quota is used up. The message itself is charged later, in the transaction that accepts it. */
export async function assertQuota(
  limits: Limits,
  charges: readonly QuotaCharge[],
  now: number,
): Promise<void> {
  for (const { budget, amount, reason } of charges) {
    if ((await limits.left({ budgets: [budget], now })) < amount) throw new TempMailError(reason);
  }
}
