import { setTimeout as wait } from 'node:timers/promises';
import type { Address } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { EventData } from '../../core/event.ts';
import { formatReplyLine } from '../../core/outcome.ts';
import type { Parcel } from '../../delivery/transport.ts';
import type { DirectFailure, DirectMail, DirectResult } from '../../operations/direct-send-operations.ts';
import { type AttemptDeadline, createAttemptDeadline } from './attempt-deadline.ts';
import { classifyDirect, NO_CONNECTION } from './classify-direct.ts';
import { type DirectTarget, findTarget, type TargetRules } from './direct-target.ts';
import { type TransmitResult, transmit } from './direct-transmit.ts';

/** What all attempts share. */
export interface DirectAttemptContext extends TargetRules {
  /** The host name in EHLO. */
  readonly hostName: string;
  /** PEM of the only certificate authority to trust; absent: those of the system. */
  readonly caPem?: string;
  readonly timeouts: AttemptTimeouts;
}

export interface AttemptTimeouts {
  /** The longest time of a whole attempt. */
  readonly limitMs: number;
  /** The longest time of the DNS lookup and the TCP connection. An untrusted caller also waits this long for a failure. */
  readonly connectMs: number;
}

/** A composed message with its Message-ID. */
export interface ComposedParcel extends Parcel {
  readonly messageIdHeader: string;
}

export interface AttemptRequest {
  readonly mail: DirectMail;
  readonly parcel: ComposedParcel;
  /** See `TargetRequest.isTrusted`. */
  readonly isTrusted: boolean;
  /** Aborts when the caller has gone. It stops the attempt before the dot, but not after it. */
  readonly signal: AbortSignal;
}

/** The outcome for the caller, and the data of the event. */
export interface DirectAttemptResult {
  readonly outcome: DirectResult | DirectFailure;
  readonly facts: EventData;
}

/**
 * Checks the target, sends the message and classifies the result. Throws AppError if the target is not allowed, or if the
 * caller has gone.
 *
 * For an untrusted caller, a failed connection always takes `connectMs` and has the same text. So the caller cannot use
 * the gate to scan ports: a closed port, a filtered port, another protocol and a name without address look the same.
 * Only a port that accepts the connection and then stays silent differs: it looks like a slow SMTP server.
 */
export async function attemptDirect(
  context: DirectAttemptContext,
  request: AttemptRequest,
): Promise<DirectAttemptResult> {
  const { limitMs, connectMs } = context.timeouts;
  const { mail, parcel, isTrusted, signal } = request;
  const startedAt = performance.now();
  const connectLeftMs = () => Math.max(1, startedAt + connectMs - performance.now());
  const deadline = createAttemptDeadline(signal, limitMs);
  try {
    const { server } = mail;
    const targetRequest = { server, isTrusted, dnsTimeoutMs: connectMs, signal: deadline.signal };
    const target = await findTarget(context, targetRequest);
    const sent =
      target === undefined ? NO_ADDRESS : await send(context, request, target, connectLeftMs(), deadline);
    if (signal.aborted && !deadline.isTimedOut && wasStopped(sent)) throw callerHasGone();
    const result = classifyDirect({
      transmission: sent.transmission,
      encryption: server.encryption,
      ...(deadline.isTimedOut && { limitMs }),
    });
    const facts = factsOf(sent, result.kind);
    if (result.kind === 'accepted') return { outcome: resultOf(sent, parcel), facts };
    if (result.kind !== 'no-connection') return { outcome: result, facts };
    if (!isTrusted) await wait(connectLeftMs(), undefined, { signal }).catch(() => {});
    return { outcome: NO_CONNECTION, facts };
  } finally {
    deadline.clear();
  }
}

/** The host name has no address. */
const NO_ADDRESS: TransmitResult = {
  transmission: { phase: 'dns', error: 'the host has no address', recipients: [] },
  ehlo: [],
  envelopeMs: 0,
  messageMs: 0,
};

function send(
  { hostName, caPem }: DirectAttemptContext,
  { mail: { username, password }, parcel }: AttemptRequest,
  target: DirectTarget,
  connectTimeoutMs: number,
  deadline: AttemptDeadline,
): Promise<TransmitResult> {
  const pinned = caPem === undefined ? {} : { caPem };
  return transmit({ target, username, password, parcel, hostName, connectTimeoutMs, ...pinned }, deadline);
}

/** Returns true if the attempt ended without a reply and before the dot. */
function wasStopped({ transmission: { phase, reply } }: TransmitResult): boolean {
  return reply === undefined && phase !== 'dot';
}

function callerHasGone(): AppError {
  const sentence = 'The request ended before the message was sent.';
  return new AppError('unavailable', sentence, { retryAfterSeconds: 1 });
}

function resultOf(sent: TransmitResult, { envelope, mime, messageIdHeader }: ComposedParcel): DirectResult {
  const { transmission, ehlo, envelopeMs, messageMs } = sent;
  const { reply, recipients } = transmission;
  const isAccepted = (_: Address, index: number): boolean => (recipients[index]?.code ?? 0) < 400;
  return {
    envelope,
    accepted: envelope.recipients.filter(isAccepted),
    rejected: envelope.recipients.filter((address, index) => !isAccepted(address, index)),
    ehlo,
    envelopeMs,
    messageMs,
    size: mime.length,
    response: reply === undefined ? '' : formatReplyLine(reply),
    messageIdHeader,
  };
}

function factsOf({ transmission }: TransmitResult, outcome: string): EventData {
  const { phase, reply, error, refusal } = transmission;
  const reason = reply?.text ?? refusal ?? error;
  return {
    outcome,
    phase,
    ...(reply && { code: reply.code }),
    ...(reply?.enhanced !== undefined && { enhanced: reply.enhanced }),
    ...(reason !== undefined && { reason }),
  };
}
