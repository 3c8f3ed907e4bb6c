import { isUtf8 } from 'node:buffer';
import { accept, type Parsed, refuse } from '../core/parsed.ts';

/** A running authentication exchange, with the responses read so far. */
export type Exchange =
  | { readonly mechanism: 'PLAIN' }
  /** `user` undefined: the server has not asked for it yet. */
  | { readonly mechanism: 'LOGIN'; readonly user: string | undefined };

/** Result of a response: another challenge, or the credential. */
export type SaslResult =
  | { readonly kind: 'challenge'; readonly exchange: Exchange; readonly challenge: string }
  | { readonly kind: 'credential'; readonly user: string; readonly password: string };

/** The mechanisms in the order of EHLO. */
export const MECHANISMS = ['PLAIN', 'LOGIN'] as const;

/** Starts a mechanism; undefined when the server does not support it. */
export function startMechanism(mechanism: string): Extract<SaslResult, { kind: 'challenge' }> | undefined {
  if (mechanism === 'PLAIN') return { kind: 'challenge', exchange: { mechanism }, challenge: '' };
  if (mechanism !== 'LOGIN') return undefined;
  return { kind: 'challenge', exchange: { mechanism, user: undefined }, challenge: challengeOf('Username:') };
}

/** Reads a response in base64. A refusal says what is wrong with its format. */
export function readResponse(exchange: Exchange, response: string): Parsed<SaslResult> {
  const text = decode(response);
  if (text === undefined) return refuse('the response is not UTF-8 in base64');
  if (exchange.mechanism === 'PLAIN') return readPlain(text);
  if (text.includes('\0')) return refuse('the response contains a NUL');
  if (exchange.user !== undefined) return accept({ kind: 'credential', user: exchange.user, password: text });
  return accept({
    kind: 'challenge',
    exchange: { mechanism: 'LOGIN', user: text },
    challenge: challengeOf('Password:'),
  });
}

// RFC 4616 2. The authorization identity must be absent or the user name.
function readPlain(text: string): Parsed<SaslResult> {
  const [authorizationId, user, password, ...more] = text.split('\0');
  if (user === undefined || password === undefined || more.length > 0)
    return refuse('the response does not have the three parts of PLAIN');
  if (authorizationId !== '' && authorizationId !== user)
    return refuse('the authorization identity is not the user name');
  return accept({ kind: 'credential', user, password });
}

function decode(response: string): string | undefined {
  // RFC 4954 4: a single `=` is an empty initial response.
  if (response === '' || response === '=') return '';
  if (response.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(response)) return undefined;
  const bytes = Buffer.from(response, 'base64');
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

function challengeOf(prompt: string): string {
  return Buffer.from(prompt).toString('base64');
}
