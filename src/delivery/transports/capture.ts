import type { Transmission } from '../../core/outcome.ts';
import { errorText } from '../../net/error-text.ts';
import type { Parcel, Transport } from '../transport.ts';
import { createLocalTransport } from './local-transport.ts';

export interface CaptureTransportOptions {
  /** Keeps the parcel; when it throws, nobody can say whether it is kept. */
  readonly onMessage: (parcel: Parcel) => void | Promise<void>;
}

const CAPACITY = 64;

/** The inbox of development mode: every message is delivered to it and goes nowhere else. */
export function createCaptureTransport({ onMessage }: CaptureTransportOptions): Transport {
  return createLocalTransport({
    capacity: CAPACITY,
    async deliver(parcel, dot) {
      await dot();
      return keep(parcel, onMessage);
    },
    check: async () => ({ ok: true, stages: [] }),
  });
}

async function keep(parcel: Parcel, onMessage: CaptureTransportOptions['onMessage']): Promise<Transmission> {
  try {
    await onMessage(parcel);
    return { phase: 'done', reply: { code: 250, text: 'kept in the inbox' }, recipients: [] };
  } catch (error) {
    return { phase: 'dot', error: errorText(error), recipients: [] };
  }
}
