import { setTimeout as delay } from 'node:timers/promises';
import type { Reply, Transmission } from '../../core/outcome.ts';
import type { Chaos } from '../../core/provider.ts';
import { errorText } from '../../net/error-text.ts';
import type { Parcel, Transport } from '../transport.ts';
import { createLocalTransport } from './local-transport.ts';

export interface CaptureTransportOptions {
  /** Keeps the message. When it throws, the outcome is unknown. */
  readonly onMessage: (parcel: Parcel) => void | Promise<void>;
  /** Failures to simulate; absent: none. */
  readonly chaos?: Chaos;
  /** 0 ≤ random < 1. Decides which messages fail. */
  readonly random: () => number;
}

const CAPACITY = 64;

/** The inbox of development mode. It keeps every message and sends nothing. With `chaos`, a part of the messages fails. */
export function createCaptureTransport({ onMessage, chaos, random }: CaptureTransportOptions): Transport {
  return createLocalTransport({
    capacity: CAPACITY,
    async deliver(parcel, dot) {
      const failure = chaos !== undefined && random() * 100 < chaos.percent ? chaos : undefined;
      if (failure !== undefined) await delay(failure.delayMs);
      const reply = failure?.reply === undefined ? undefined : readReply(failure.reply);
      if (reply !== undefined && failure?.at === 'rcpt') {
        return { phase: 'rcpt', reply, recipients: parcel.envelope.recipients.map(() => reply) };
      }
      await dot();
      return reply === undefined ? keep(parcel, onMessage) : { phase: 'done', reply, recipients: [] };
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

/** Reads a reply such as `451 4.7.1 try later`. Its form was checked when it was set. */
function readReply(text: string): Reply {
  const [, code, enhanced, words = ''] = /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))? ?(.*)$/.exec(text) ?? [];
  return { code: Number(code), ...(enhanced !== undefined && { enhanced }), text: words };
}
