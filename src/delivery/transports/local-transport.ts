import type { Transmission } from '../../core/outcome.ts';
import type { CheckReport, Parcel, Transport } from '../transport.ts';

export interface LocalTransportOptions {
  readonly capacity: number;
  /**
   * Hands a parcel over. Right before the step that cannot be taken back it awaits `dot`, and takes nothing of what
   * `dot` throws for itself. Trouble is a value.
   */
  readonly deliver: (parcel: Parcel, dot: () => Promise<void>) => Promise<Transmission>;
  readonly check: () => Promise<CheckReport>;
}

/** Thrown by `dot` when the signal came first. */
class Stopped extends Error {}

/** A transport without a network: what it does cannot be interrupted, but it stops at the dot and nobody waits longer than the signal allows. */
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

/** What happened to a parcel that did not get to the dot. */
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
