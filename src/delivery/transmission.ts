import { AppError } from '../core/errors.ts';
import type { AttemptRecord } from '../core/message-view.ts';
import type { Reply, Transmission } from '../core/outcome.ts';
import type { DueRecipient, LeasedMessage } from '../store/store.ts';
import type { AttemptContext } from './attempt-context.ts';
import type { Lane } from './lane/lane.ts';
import { StaleLease } from './lease-renewal.ts';
import type { RecipientOutcome } from './recipient-result.ts';

/** A due recipient of an attempt. */
export interface TrackedRecipient {
  readonly recipient: DueRecipient;
  /** The outcome of its last transaction; undefined before the first. */
  readonly last: RecipientOutcome | undefined;
  /** This node stopped that transaction before the dot. The recipient is due again at once. */
  readonly isHeldBack: boolean;
}

/** One SMTP transaction (RFC 5321, 3.3), or what stands for one at a provider without SMTP. */
export interface TransmissionRequest {
  readonly message: LeasedMessage;
  readonly lane: Lane;
  readonly recipients: readonly TrackedRecipient[];
  /** The number of the attempt, from 1 within the message. */
  readonly number: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** The dot may have reached the kernel: without a reply the outcome is unknown. */
  isDotOut: boolean;
}

/** The two reasons for which this node stops before the dot. Neither is the fault of the message or the provider. */
const LEASE_EXPIRED = heldBack(
  'The lease of this node expired before the end of the message. It was not sent.',
);
const NOT_JOURNALLED = heldBack(
  'The end of the message could not be written to the journal. It was not sent.',
);

/** Whether this node stopped the transaction before the dot. */
export function isHeldBack(transmission: Transmission): boolean {
  return transmission === LEASE_EXPIRED || transmission === NOT_JOURNALLED;
}

function heldBack(error: string): Transmission {
  return { phase: 'body', error, recipients: [] };
}

/** Sends the message through the transport of the lane. Failures, bugs included, are values. */
export async function sendTransmission(
  context: AttemptContext,
  request: TransmissionRequest,
): Promise<Transmission> {
  const { message, lane, recipients, number } = request;
  const { id, sender, mime, eightBit, smtputf8 } = message;
  const envelope = { sender, recipients: recipients.map(one => one.recipient.address) };
  try {
    return await lane.transport.send(
      { envelope, mime, eightBit, smtputf8 },
      {
        beforeDot: refused => journalDot(context, request, refused),
        onReply: reply => context.journal.replied({ id, attempt: number, reply }),
        signal: context.signal,
      },
    );
  } catch (error) {
    return transmissionAfter(error, context, request);
  }
}

/** Throws, or rejects, when the dot must not be sent: the lease expires or the journal cannot be written. */
function journalDot(
  { leaseRenewal, journal }: AttemptContext,
  request: TransmissionRequest,
  refused: readonly (Reply | undefined)[],
): void | Promise<void> {
  const { message, lane, recipients, number } = request;
  leaseRenewal.assertFresh();
  const indexes = recipients.map(one => one.recipient.index);
  const entry = { id: message.id, attempt: number, provider: lane.provider.id, indexes, refused };
  const written = journal.dot(entry);
  request.isDotOut = true;
  // The process may have been stopped while it waited for the journal, so that another node has the message by now.
  return written
    ?.then(() => leaseRenewal.assertFresh())
    .catch(error => {
      request.isDotOut = false;
      throw error;
    });
}

function transmissionAfter(
  error: unknown,
  context: AttemptContext,
  { isDotOut }: TransmissionRequest,
): Transmission {
  if (error instanceof StaleLease) return LEASE_EXPIRED;
  if (error instanceof AppError && !isDotOut) return NOT_JOURNALLED;
  context.onBug(error);
  const phase = isDotOut ? 'dot' : 'mail';
  return { phase, error: 'An internal error ended the attempt.', recipients: [] };
}

/** What the history of the message keeps of the transaction. `endedAt` in epoch ms. */
export function recordOf(
  { number, lane, startedAt, recipients }: TransmissionRequest,
  { phase, reply, error, refusal, remote, converted }: Transmission,
  endedAt: number,
): AttemptRecord {
  const failure = error ?? refusal;
  return {
    number,
    provider: lane.provider.id,
    startedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    phase,
    ...(reply && { reply }),
    ...(failure !== undefined && { error: failure }),
    ...(remote !== undefined && { remote }),
    ...(converted && { converted }),
    ...(recipients.some(one => one.recipient.wasUnknown) && { repeated: true }),
  };
}
