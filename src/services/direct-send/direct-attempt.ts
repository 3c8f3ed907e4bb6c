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

/** How attempts are made. */
export interface DirectAttemptContext extends TargetRules {
  /** What we call ourselves in EHLO. */
  readonly hostName: string;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
  readonly timeouts: AttemptTimeouts;
}

export interface AttemptTimeouts {
  /** For all of an attempt. */
  readonly limitMs: number;
  /** For the look-up and the TCP connection; also how long it takes to hear that there is none, whatever the reason. */
  readonly connectMs: number;
}

/** A message on its way, with its Message-ID. */
export interface ComposedParcel extends Parcel {
  readonly messageIdHeader: string;
}

export interface AttemptRequest {
  readonly mail: DirectMail;
  readonly parcel: ComposedParcel;
  /** As `TargetRequest` has it. */
  readonly isTrusted: boolean;
  /** Nobody waits any more: stops before the dot, not after. */
  readonly signal: AbortSignal;
}

/** What came of an attempt, and what of it is worth an event. */
export interface DirectAttemptResult {
  readonly outcome: DirectResult | DirectFailure;
  readonly facts: EventData;
}

/**
 * Checks the target, sends, judges. Throws AppError where the target is refused, or when nobody waited any more.
 *
 * Who is not trusted learns that there was no connection after `connectMs` and not before: a closed port, one that
 * drops what comes, one that speaks something else and a name without address all take as long, in the same words.
 * Only a port that accepts and then says nothing is told from them, as an SMTP server that is too slow.
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
    const wanted = { server, isTrusted, dnsTimeoutMs: connectMs, signal: deadline.signal };
    const target = await findTarget(context, wanted);
    const sent =
      target === undefined ? NOWHERE : await send(context, request, target, connectLeftMs(), deadline);
    if (signal.aborted && !deadline.isTimedOut && wasStopped(sent)) throw nobodyWaits();
    const verdict = classifyDirect({
      transmission: sent.transmission,
      encryption: server.encryption,
      ...(deadline.isTimedOut && { limitMs }),
    });
    const facts = factsOf(sent, verdict.kind);
    if (verdict.kind === 'accepted') return { outcome: resultOf(sent, parcel), facts };
    if (verdict.kind !== 'no-connection') return { outcome: verdict, facts };
    if (!isTrusted) await wait(connectLeftMs(), undefined, { signal }).catch(() => {});
    return { outcome: NO_CONNECTION, facts };
  } finally {
    deadline.clear();
  }
}

/** The name of the server leads nowhere. */
const NOWHERE: TransmitResult = {
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

/** Nothing was said that decided it, and the dot was not sent. */
function wasStopped({ transmission: { phase, reply } }: TransmitResult): boolean {
  return reply === undefined && phase !== 'dot';
}

function nobodyWaits(): AppError {
  const sentence = 'The attempt was given up before anything was sent.';
  return new AppError('unavailable', sentence, { retryAfterSeconds: 1 });
}

function resultOf(sent: TransmitResult, { envelope, mime, messageIdHeader }: ComposedParcel): DirectResult {
  const { transmission, ehlo, envelopeMs, messageMs } = sent;
  const { reply, recipients } = transmission;
  const wasTaken = (_: Address, index: number): boolean => (recipients[index]?.code ?? 0) < 400;
  return {
    envelope,
    accepted: envelope.recipients.filter(wasTaken),
    rejected: envelope.recipients.filter((address, index) => !wasTaken(address, index)),
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
