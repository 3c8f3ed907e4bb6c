import { formatReplyLine, type Transmission } from '../../core/outcome.ts';
import type { DirectFailure, NamedServer } from '../../operations/direct-send-operations.ts';

/** The class of an attempt. */
export type DirectClass =
  | { readonly kind: 'accepted' }
  | DirectFailure
  /** There is no SMTP server, or it cannot be reached. The caller gets `refused`, always after the same time. */
  | { readonly kind: 'no-connection' };

export interface DirectAttemptFacts {
  readonly transmission: Transmission;
  readonly encryption: NamedServer['encryption'];
  /** The limit of the whole attempt in ms, if the attempt exceeded it; otherwise absent. */
  readonly limitMs?: number;
}

const BAD_CREDENTIALS = 535;

/**
 * Classifies an attempt for its caller. The caller learns the class, and the replies to AUTH, MAIL, RCPT, DATA and the dot.
 * It does not learn the greeting or TLS errors: with those it could scan ports through the gate.
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
      return classifyAuthFailure(transmission);
    default:
      return reply === undefined ? refused(LOST) : refused(SENTENCES[phase], transmission);
  }
}

/** The failure that a caller gets for `no-connection`. */
export const NO_CONNECTION: DirectFailure = {
  kind: 'refused',
  sentence:
    'The gate could not connect to an SMTP server: the name or port is wrong, nothing answers there, or its certificate is not valid.',
};

const TLS_FAILED =
  'The connection could not be encrypted: the server does not offer STARTTLS, or its certificate is not valid.';
const NO_LOGIN =
  'The gate could not log in: the connection is not encrypted, so the password must not be sent; or the server offers no supported AUTH mechanism; or the connection was lost.';
const LOST = 'The connection to the server was lost; the message was not sent.';

/** The sentence for a refusing reply in each phase. */
const SENTENCES = {
  mail: 'The server refused the sender.',
  rcpt: 'The server refused every recipient.',
  data: 'The server refused the message.',
  body: 'The server refused the message.',
  done: 'The server refused the message.',
} as const;

function classifyAuthFailure(transmission: Transmission): DirectFailure {
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
