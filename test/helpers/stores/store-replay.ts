import type { Event } from '../../../src/core/event.ts';
import type { RecipientState } from '../../../src/core/outcome.ts';

/** What the event log says of one recipient: its state, and whether anything more is to be done. */
export interface Replayed {
  readonly state: RecipientState;
  readonly isLive: boolean;
}

const RESTARTED: Partial<Record<RecipientState, RecipientState>> = {
  bounced: 'queued',
  failed: 'queued',
  expired: 'queued',
  unknown: 'unknown',
};

/**
 * Plays the events of one message back, and throws where they do not make sense: a second ending, news of what has
 * ended, a restart of what has not. The result is by recipient index.
 */
export function replay(events: readonly Event[], addresses: readonly string[]): readonly Replayed[] {
  const [first, ...rest] = events;
  if (first?.type !== 'accepted') throw new Error('The first event is not `accepted`.');
  if (first.data['recipients'] !== addresses.length) throw new Error('`accepted` counts other recipients.');
  let recipients: readonly Replayed[] = addresses.map(() => ({ state: 'queued', isLive: true }));
  let seq = BigInt(first.seq);
  for (const event of rest) {
    if (BigInt(event.seq) <= seq) throw new Error(`seq ${event.seq} comes after ${seq}.`);
    seq = BigInt(event.seq);
    recipients = apply(recipients, event, addresses);
  }
  return recipients;
}

function apply(
  recipients: readonly Replayed[],
  event: Event,
  addresses: readonly string[],
): readonly Replayed[] {
  if (event.type === 'retried') return recipients.map(restart);
  const index = addresses.indexOf(event.recipient ?? '');
  const before = recipients[index];
  if (before === undefined) throw new Error(`${event.type} is about no recipient of the message.`);
  if (!before.isLive) throw new Error(`${event.type} comes after ${before.state} had ended it.`);
  return recipients.with(index, stateAfter(event));
}

function restart(recipient: Replayed): Replayed {
  const state = RESTARTED[recipient.state];
  return recipient.isLive || state === undefined ? recipient : { state, isLive: true };
}

function stateAfter({ type, data }: Event): Replayed {
  switch (type) {
    case 'deferred':
      return { state: 'deferred', isLive: true };
    case 'unknown':
      return { state: 'unknown', isLive: data.nextAttemptAt !== undefined };
    case 'delivered':
    case 'bounced':
    case 'failed':
    case 'expired':
    case 'cancelled':
      return { state: type, isLive: false };
    default:
      throw new Error(`A recipient cannot be ${type}.`);
  }
}
