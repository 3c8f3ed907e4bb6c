import { isUtf8 } from 'node:buffer';
import { accept, type Parsed, refuse } from '../core/parsed.ts';

/** An authentication under way: what was heard so far. */
export type Exchange =
  | { readonly mechanism: 'PLAIN' }
  /** `user` undefined: it was not asked for yet. */
  | { readonly mechanism: 'LOGIN'; readonly user: string | undefined };

/** What comes of a response: a further question, or the credential. */
export type Heard =
  | { readonly kind: 'ask'; readonly exchange: Exchange; readonly challenge: string }
  | { readonly kind: 'credential'; readonly user: string; readonly password: string };

/** The mechanisms as EHLO offers them. */
export const MECHANISMS = ['PLAIN', 'LOGIN'] as const;

/** The beginning of a mechanism; undefined when we do not have it. */
export function begin(mechanism: string): Extract<Heard, { kind: 'ask' }> | undefined {
  if (mechanism === 'PLAIN') return { kind: 'ask', exchange: { mechanism }, challenge: '' };
  if (mechanism !== 'LOGIN') return undefined;
  return { kind: 'ask', exchange: { mechanism, user: undefined }, challenge: challengeOf('Username:') };
}

/** Reads a response in base64; a failure says what is wrong with its form. */
export function hear(exchange: Exchange, response: string): Parsed<Heard> {
  const text = decode(response);
  if (text === undefined) return refuse('the response is not base64 of UTF-8');
  if (exchange.mechanism === 'PLAIN') return readPlain(text);
  if (text.includes('\0')) return refuse('the response holds NUL');
  if (exchange.user !== undefined) return accept({ kind: 'credential', user: exchange.user, password: text });
  return accept({
    kind: 'ask',
    exchange: { mechanism: 'LOGIN', user: text },
    challenge: challengeOf('Password:'),
  });
}

// RFC 4616 2. Nobody acts for somebody else here.
function readPlain(text: string): Parsed<Heard> {
  const [actsFor, user, password, ...more] = text.split('\0');
  if (user === undefined || password === undefined || more.length > 0)
    return refuse('the response has not the three parts of PLAIN');
  if (actsFor !== '' && actsFor !== user) return refuse('nobody may act for another');
  return accept({ kind: 'credential', user, password });
}

function decode(response: string): string | undefined {
  // RFC 4954 4: a single `=` is an initial response of no octets.
  if (response === '' || response === '=') return '';
  if (response.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(response)) return undefined;
  const bytes = Buffer.from(response, 'base64');
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

function challengeOf(prompt: string): string {
  return Buffer.from(prompt).toString('base64');
}
