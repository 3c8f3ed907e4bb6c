import type { EventData } from '../core/event.ts';
import { idToBigInt } from '../core/id.ts';
import type { Outcome } from '../core/outcome.ts';
import type { NewEvent } from './new-event.ts';
import type { Finish, RecipientResult } from './store.ts';

/** The last words of an outcome as the columns code, enhanced, reason. */
export function lastWords(outcome: Outcome | undefined): [number | null, string | null, string | null] {
  if (outcome === undefined) return [null, null, null];
  const reply = 'reply' in outcome ? outcome.reply : undefined;
  const error = 'error' in outcome ? outcome.error : undefined;
  return [reply?.code ?? null, reply?.enhanced ?? null, reply?.text ?? error ?? null];
}

/** What is told of one recipient when a lease on its message ends. */
export function eventOf(finish: Finish, result: RecipientResult, isRepeated: boolean): NewEvent {
  const [code, enhanced, reason] = lastWords(result.outcome);
  const data: EventData = {
    ...(result.attempt !== undefined && { attempt: result.attempt }),
    ...(result.phase !== undefined && { phase: result.phase }),
    ...(code !== null && { code }),
    ...(enhanced !== null && { enhanced }),
    ...(reason !== null && { reason }),
    ...(result.dueAt !== undefined && { nextAttemptAt: result.dueAt }),
    ...(result.outcome?.kind === 'delivered' && result.outcome.assumed && { assumed: true }),
    ...(isRepeated && result.attempt !== undefined && { repeated: true }),
  };
  return {
    at: finish.at,
    type: result.state,
    account: finish.account,
    messageId: idToBigInt(finish.id),
    n: result.index,
    ...(result.provider !== undefined && { provider: result.provider }),
    data,
  };
}
