import type { MessageId } from '../core/message.ts';
import type { Finish } from '../store/store.ts';

/** Tells those who wait for it what became of messages that were handed over from memory. */
export interface FirstOutcomes {
  /** From now on the message is held here. */
  hold(id: MessageId): void;
  /** It was attempted, and that is recorded; or `queued`: it waits in the store now. */
  tell(id: MessageId, outcome: Finish | 'queued'): void;
  /** Resolves with what is told; with `queued` at once when the message is not held here, or as soon as the signal aborts. */
  wait(id: MessageId, signal: AbortSignal): Promise<Finish | 'queued'>;
}

type Told = PromiseWithResolvers<Finish | 'queued'>;

export function createFirstOutcomes(): FirstOutcomes {
  /** Undefined while nobody waits. */
  const held = new Map<MessageId, Told | undefined>();
  return {
    hold: id => void held.set(id, undefined),
    tell(id, outcome) {
      held.get(id)?.resolve(outcome);
      held.delete(id);
    },
    async wait(id, signal) {
      if (!held.has(id) || signal.aborted) return 'queued';
      const told = held.get(id) ?? Promise.withResolvers<Finish | 'queued'>();
      held.set(id, told);
      const aborted = Promise.withResolvers<'queued'>();
      const onAbort = () => aborted.resolve('queued');
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([told.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
