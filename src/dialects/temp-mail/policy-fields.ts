import type { TempMailSettings } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { DialectReply } from '../dialect.ts';
import { type Fields, isAbsent, isFields } from './read-fields.ts';
import { json } from './views.ts';

type Policy = Omit<TempMailSettings, 'id'>;
type Limits = Policy['sendLimits'];

const UNLIMITED = -1;

export function viewPolicy({ sendBlockList, sendLimits }: Policy): DialectReply {
  return json({ sendBlockList, sendMailLimitConfig: sendLimits });
}

/** What of the policy a body changes. Settings that we do not have may be given empty, as the original's pages do. */
export function policyIn(fields: Fields): Partial<Policy> {
  const { sendBlockList: blocked, sendMailLimitConfig: limits, ...others } = fields;
  if (!Object.values(others).every(isEmpty)) throw new TempMailError('input');
  return {
    ...(!isAbsent(blocked) && { sendBlockList: blockListIn(blocked) }),
    ...(!isAbsent(limits) && { sendLimits: limitsIn(limits) }),
  };
}

function blockListIn(value: unknown): readonly string[] {
  const entries: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (entries === undefined || !entries.every(entry => typeof entry === 'string')) {
    throw new TempMailError('input');
  }
  return entries.map(entry => entry.trim()).filter(entry => entry !== '');
}

function limitsIn(value: unknown): Limits {
  if (!isFields(value)) throw new TempMailError('input');
  const { dailyEnabled, monthlyEnabled, dailyLimit, monthlyLimit } = value;
  if (typeof dailyEnabled !== 'boolean' || typeof monthlyEnabled !== 'boolean') {
    throw new TempMailError('input');
  }
  return {
    dailyEnabled,
    monthlyEnabled,
    dailyLimit: limitIn(dailyLimit, dailyEnabled),
    monthlyLimit: limitIn(monthlyLimit, monthlyEnabled),
  };
}

function limitIn(value: unknown, isNeeded: boolean): number {
  if (isAbsent(value) && !isNeeded) return UNLIMITED;
  if (!Number.isSafeInteger(value) || Number(value) < UNLIMITED) throw new TempMailError('input');
  return Number(value);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) ? Object.keys(value).length === 0 : isAbsent(value);
}
