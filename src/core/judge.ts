import type { HealthSignal, Outcome, Phase, Reply, Transmission } from './outcome.ts';

/** The result of an attempt: the outcome for each recipient, by its index in the envelope, and the signal about the provider. */
export interface Verdict {
  readonly outcomes: readonly Outcome[];
  readonly signal: HealthSignal;
}

const CONNECTION_PHASES: readonly Phase[] = ['dns', 'connect', 'greeting', 'tls', 'ehlo'];
const TOO_MANY_RECIPIENTS = 452;
const CLOSING = 421;

/** Decides the meaning of a transmission: first by its phase, then by the reply code. docs/delivery.md has the table. */
export function judge(transmission: Transmission, recipientCount: number): Verdict {
  const outcomes = Array.from({ length: recipientCount }, (_, i) => outcomeOf(transmission, i));
  return { outcomes, signal: signalOf(transmission) };
}

function outcomeOf(transmission: Transmission, index: number): Outcome {
  const { phase, reply, error, refusal } = transmission;
  const atRcpt = transmission.recipients[index];
  if (refusal !== undefined) return { kind: 'reject', by: 'us', elsewhere: true, error: refusal };
  if (reply?.code === CLOSING && phase !== 'done') return { kind: 'retry', where: 'elsewhere', reply };
  if (CONNECTION_PHASES.includes(phase) || phase === 'auth') return retryElsewhere(reply, error);
  if (atRcpt !== undefined && atRcpt.code >= 400) return refusedAtRcpt(atRcpt, transmission);
  if (phase === 'dot') return { kind: 'unknown', error: error ?? 'No reply to the end of the message.' };
  if (reply === undefined) return retryElsewhere(undefined, error);
  if (phase === 'done' && isPositive(reply)) return { kind: 'delivered', reply };
  return refused(reply, phase);
}

/** RFC 5321 4.5.3.1.10: 452 after accepted recipients means "too many recipients", and the others can follow at once. */
function refusedAtRcpt(reply: Reply, transmission: Transmission): Outcome {
  const someWereAccepted = transmission.recipients.some(other => other !== undefined && isPositive(other));
  if (reply.code === TOO_MANY_RECIPIENTS && someWereAccepted)
    return { kind: 'retry', where: 'at-once', reply };
  return refused(reply, 'rcpt');
}

function refused(reply: Reply, phase: Phase): Outcome {
  if (reply.code === CLOSING) return { kind: 'retry', where: 'elsewhere', reply };
  if (reply.code < 500) return { kind: 'retry', where: 'later', reply };
  // 5.7.x to MAIL is about what this provider lets us send. Another provider may allow it.
  const elsewhere = phase === 'mail' && (reply.enhanced?.startsWith('5.7.') ?? false);
  return { kind: 'reject', by: 'far-end', elsewhere, reply };
}

function retryElsewhere(reply: Reply | undefined, error: string | undefined): Outcome {
  return {
    kind: 'retry',
    where: 'elsewhere',
    ...(reply && { reply }),
    ...(error !== undefined && { error }),
  };
}

function signalOf({ phase, reply, refusal }: Transmission): HealthSignal {
  if (reply?.code === CLOSING) return 'closing';
  if (CONNECTION_PHASES.includes(phase)) return 'trouble';
  if (phase === 'auth') return reply !== undefined && reply.code >= 500 ? 'bad-credentials' : 'trouble';
  return reply !== undefined || refusal !== undefined ? 'good' : 'none';
}

function isPositive(reply: Reply): boolean {
  return reply.code >= 200 && reply.code < 300;
}
