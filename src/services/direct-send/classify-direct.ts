import { formatReplyLine, type Transmission } from '../../core/outcome.ts';
import type { DirectFailure, NamedServer } from '../../operations/direct-send-operations.ts';

/** What an attempt came to. */
export type DirectClass =
  | { readonly kind: 'accepted' }
  | DirectFailure
  /** There is no SMTP server, or it cannot be reached. A `refused` whose time must not tell more than its words do. */
  | { readonly kind: 'no-connection' };

export interface DirectAttemptFacts {
  readonly transmission: Transmission;
  readonly encryption: NamedServer['encryption'];
  /** The time for everything was over; absent: it was not. */
  readonly limitMs?: number;
}

const BAD_CREDENTIALS = 535;

/**
 * Says what the facts mean to a caller who waits. Failures are told by their class and by replies to AUTH, MAIL, RCPT,
 * DATA and the dot: what else a port says (a banner, TLS) would make us a scanner of ports.
 */
export function classifyDirect({ transmission, encryption, limitMs }: DirectAttemptFacts): DirectClass {
  const { phase, reply, refusal } = transmission;
  if (phase === 'dot') return unknown(limitMs !== undefined);
  if (phase === 'done' && reply !== undefined && reply.code < 300) return { kind: 'accepted' };
  if (limitMs !== undefined && reply === undefined) return tooSlow(limitMs);
  if (refusal !== undefined) return refused(`The server cannot take this message: ${refusal}.`);
  switch (phase) {
    case 'dns':
    case 'connect':
    case 'greeting':
    case 'ehlo':
      return { kind: 'no-connection' };
    case 'tls':
      return encryption === 'ssl' ? { kind: 'no-connection' } : refused(TLS_FAILED);
    case 'auth':
      return atAuth(transmission);
    default:
      return reply === undefined ? refused(LOST) : refused(WORDS[phase], transmission);
  }
}

/** How a caller hears that there was no connection. */
export const NO_CONNECTION: DirectFailure = {
  kind: 'refused',
  sentence:
    'No connection to an SMTP server could be made: the name or port is wrong, nothing answers there, or its certificate is not good.',
};

const TLS_FAILED =
  'The connection could not be encrypted: the server does not offer STARTTLS, or its certificate is not good.';
const NO_LOGIN =
  'There was no login: the connection is not encrypted, so no password may be sent; or the server has no way to log in that we know; or the connection was lost.';
const LOST = 'The connection to the server was lost; the message was not sent.';

/** Who refused what; a refusal while the message was on its way is one of the message. */
const WORDS = {
  mail: 'The server refused the sender.',
  rcpt: 'The server refused every recipient.',
  data: 'The server refused the message.',
  body: 'The server refused the message.',
  done: 'The server refused the message.',
} as const;

function atAuth(transmission: Transmission): DirectFailure {
  const { reply } = transmission;
  if (reply === undefined) return refused(NO_LOGIN);
  if (reply.code !== BAD_CREDENTIALS) return refused('The server refused the login.', transmission);
  const sentence = 'The server refused the e-mail address and password.';
  return { kind: 'bad-credentials', sentence, response: formatReplyLine(reply) };
}

function unknown(timedOut: boolean): DirectFailure {
  const why = timedOut ? 'The server did not answer in time' : 'The connection to the server was lost';
  const sentence = `${why} after the whole message was sent: it may have been accepted. Sending it again may send it twice.`;
  return { kind: 'unknown', sentence, timedOut };
}

function tooSlow(limitMs: number): DirectFailure {
  const sentence = `The server took more than ${limitMs / 1_000} seconds; the message was not sent.`;
  return { kind: 'too-slow', sentence };
}

function refused(sentence: string, { reply }: Partial<Transmission> = {}): DirectFailure {
  return { kind: 'refused', sentence, ...(reply && { response: formatReplyLine(reply) }) };
}
