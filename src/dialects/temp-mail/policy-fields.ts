import type { TempMailSettings } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { DialectReply } from '../dialect.ts';
import { type Fields, isAbsent, isJsonObject } from './read-fields.ts';
import { json } from './views.ts';

type Policy = Omit<TempMailSettings, 'id'>;
type Limits = Policy['sendLimits'];

const UNLIMITED = -1;

export function viewPolicy({ sendBlockList, sendLimits }: Policy): DialectReply {
  return json({ sendBlockList, sendMailLimitConfig: sendLimits });
}

/** Reads a change of the policy. Settings that the gate does not have must be empty, as the pages of the original send them. */
export function readPolicy(fields: Fields): Partial<Policy> {
  const { sendBlockList: blocked, sendMailLimitConfig: limits, ...others } = fields;
  if (!Object.values(others).every(isEmpty)) throw new TempMailError('input');
  return {
    ...(!isAbsent(blocked) && { sendBlockList: readBlockList(blocked) }),
    ...(!isAbsent(limits) && { sendLimits: readLimits(limits) }),
  };
}

function readBlockList(value: unknown): readonly string[] {
  const entries: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (entries === undefined || !entries.every(entry => typeof entry === 'string')) {
    throw new TempMailError('input');
  }
  return entries.map(entry => entry.trim()).filter(entry => entry !== '');
}

function readLimits(value: unknown): Limits {
  if (!isJsonObject(value)) throw new TempMailError('input');
  const { dailyEnabled, monthlyEnabled, dailyLimit, monthlyLimit } = value;
  if (typeof dailyEnabled !== 'boolean' || typeof monthlyEnabled !== 'boolean') {
    throw new TempMailError('input');
  }
  return {
    dailyEnabled,
    monthlyEnabled,
    dailyLimit: readLimit(dailyLimit, dailyEnabled),
    monthlyLimit: readLimit(monthlyLimit, monthlyEnabled),
  };
}

function readLimit(value: unknown, isRequired: boolean): number {
  if (isAbsent(value) && !isRequired) return UNLIMITED;
  if (!Number.isSafeInteger(value) || Number(value) < UNLIMITED) throw new TempMailError('input');
  return Number(value);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) ? Object.keys(value).length === 0 : isAbsent(value);
}
