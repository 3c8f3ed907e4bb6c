import { idFromBigInt } from '../../core/id.ts';
import type { MessageId, Priority } from '../../core/message.ts';
import type { Reply } from '../../core/outcome.ts';

// How values lie in the columns: bigint columns are read as BigInt, smaller ones as numbers.

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'bulk'];

export function levelOf(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

export function priorityOf(level: number): Priority {
  return PRIORITIES[level] ?? 'normal';
}

export function idOf(value: bigint): MessageId {
  return idFromBigInt(value);
}

/** A reply from its columns; undefined when there was none. */
export function replyOf(
  code: number | null,
  enhanced: string | null,
  text: string | null,
): Reply | undefined {
  if (code === null) return undefined;
  return { code, ...(enhanced !== null && { enhanced }), text: text ?? '' };
}
