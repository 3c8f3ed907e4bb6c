import type { MessageId } from '../core/message.ts';
import type { Finish } from '../store/store.ts';

/** Lets callers wait for the first outcome of messages that were handed over from memory. */
export interface FirstOutcomes {
  /** The message is in memory from now on. */
  hold(id: MessageId): void;
  /** The message was attempted and the result is written, or it returned to the store (`queued`). */
  resolve(id: MessageId, outcome: Finish | 'queued'): void;
  /** Resolves with what `resolve` gets. Resolves with `queued` when the message is not in memory, or when the signal aborts. */
  wait(id: MessageId, signal: AbortSignal): Promise<Finish | 'queued'>;
}

type Waiting = PromiseWithResolvers<Finish | 'queued'>;

export function createFirstOutcomes(): FirstOutcomes {
  /** Undefined while nobody waits. */
  const held = new Map<MessageId, Waiting | undefined>();
  return {
    hold: id => void held.set(id, undefined),
    resolve(id, outcome) {
      held.get(id)?.resolve(outcome);
      held.delete(id);
    },
    async wait(id, signal) {
      if (!held.has(id) || signal.aborted) return 'queued';
      const waiting = held.get(id) ?? Promise.withResolvers<Finish | 'queued'>();
      held.set(id, waiting);
      const aborted = Promise.withResolvers<'queued'>();
      const onAbort = () => aborted.resolve('queued');
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([waiting.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
