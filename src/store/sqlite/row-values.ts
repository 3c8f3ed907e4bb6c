import type { Json } from '../../core/event.ts';
import { idFromBigInt } from '../../core/id.ts';
import type { MessageId, Priority } from '../../core/message.ts';
import type { Reply } from '../../core/outcome.ts';

// How values lie in the columns. Statements that read a message id are prepared with `safeIntegers`, because
// better-sqlite3 otherwise rounds what is above 2^53; every integer of their rows is then a BigInt.

/**
 * A bound integer at whose value the planner does not look. In a statement with a join, an order, min or max, it looks
 * at what is bound to `= ?` and `limit ?`, and prepares the statement anew for each value: ten times the cost of running it.
 */
export const BOUND = 'cast(? as integer)';

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'bulk'];
export const PRIORITY_LEVELS = [0, 1, 2] as const;

export function levelOf(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

export function priorityOf(level: bigint): Priority {
  return PRIORITIES[Number(level)] ?? 'normal';
}

export function idOf(value: bigint): MessageId {
  return idFromBigInt(value);
}

/** A nullable integer column as the optional number it means. */
export function optional(value: bigint | null): { value: number } | undefined {
  return value === null ? undefined : { value: Number(value) };
}

export function fromJson<T extends Json>(text: string): T {
  return JSON.parse(text) as T;
}

/** A reply from its columns; undefined when there was none. */
export function replyOf(
  code: bigint | null,
  enhanced: string | null,
  text: string | null,
): Reply | undefined {
  if (code === null) return undefined;
  return { code: Number(code), ...(enhanced !== null && { enhanced }), text: text ?? '' };
}
