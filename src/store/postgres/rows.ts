import { idFromBigInt } from '../../core/id.ts';
import type { MessageId, Priority } from '../../core/message.ts';
import type { Outcome, Reply } from '../../core/outcome.ts';

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

/** The last words of an outcome as the columns code, enhanced, reason. */
export function lastWords(outcome: Outcome | undefined): [number | null, string | null, string | null] {
  if (outcome === undefined) return [null, null, null];
  const reply = 'reply' in outcome ? outcome.reply : undefined;
  const error = 'error' in outcome ? outcome.error : undefined;
  return [reply?.code ?? null, reply?.enhanced ?? null, reply?.text ?? error ?? null];
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
