import type { Transmission } from '../../core/outcome.ts';
import type { CheckReport, Parcel, Transport } from '../transport.ts';

export interface LocalTransportOptions {
  readonly capacity: number;
  /**
   * Delivers a message. It awaits `dot` right before the step that cannot be undone, and lets errors of `dot` pass. Its
   * own failures are values.
   */
  readonly deliver: (parcel: Parcel, dot: () => Promise<void>) => Promise<Transmission>;
  readonly check: () => Promise<CheckReport>;
}

/** Thrown by `dot` when the signal aborted first. */
class Stopped extends Error {}

/**
 * A transport without a network. A delivery cannot be interrupted, but it stops before the dot when the signal aborts, and
 * `send` resolves at once.
 */
export function createLocalTransport({ capacity, deliver, check }: LocalTransportOptions): Transport {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    capacity,
    async send(parcel, { beforeDot, onReply, signal }) {
      if (isClosed) return notSent('the transport is closed');
      if (signal.aborted) return notSent('stopped');
      let isDotOut = false;
      const dot = async (): Promise<void> => {
        if (!signal.aborted) await beforeDot([]);
        if (signal.aborted) throw new Stopped();
        isDotOut = true;
      };
      const noteReply = (transmission: Transmission): Transmission => {
        if (transmission.phase === 'done' && transmission.reply) onReply(transmission.reply);
        return transmission;
      };
      const work = deliver(parcel, dot).then(noteReply).catch(asStopped);
      underWay.add(work);
      work.then(
        () => underWay.delete(work),
        () => underWay.delete(work),
      );
      return untilAborted(work, signal, () =>
        isDotOut ? { ...notSent('stopped'), phase: 'dot' } : notSent('stopped'),
      );
    },
    check,
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}

/** The result for a message whose dot was not sent. */
function notSent(error: string): Transmission {
  return { phase: 'body', error, recipients: [] };
}

function asStopped(error: unknown): Transmission {
  if (error instanceof Stopped) return notSent('stopped');
  throw error;
}

function untilAborted(
  work: Promise<Transmission>,
  signal: AbortSignal,
  stopped: () => Transmission,
): Promise<Transmission> {
  const { promise, resolve, reject } = Promise.withResolvers<Transmission>();
  const stop = (): void => resolve(stopped());
  work.then(resolve, reject);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
