import type { Address } from '../core/address.ts';
import { type MailCommand, NEEDS_SMTPUTF8, type RcptCommand } from './envelope-command.ts';
import type { Command } from './parse-command.ts';
import { type Exchange, MECHANISMS, readResponse, startMechanism } from './sasl.ts';
import { plainReply, reply, type SmtpReply } from './smtp-reply.ts';

/** What the server offers on a connection. STARTTLS changes it. */
export interface Offer {
  readonly hostName: string;
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  readonly maxAuthTries: number;
  /** STARTTLS is available and not in use yet. */
  readonly starttls: boolean;
  /** AUTH is allowed on this connection as it is now. */
  readonly auth: boolean;
}

/** The state of a session. */
export interface SmtpSession {
  /** The name in EHLO or HELO; undefined before. */
  readonly client: { readonly name: string; readonly isExtended: boolean } | undefined;
  readonly isLoggedIn: boolean;
  readonly failedTries: number;
  readonly exchange: Exchange | undefined;
  readonly transaction: MailTransaction | undefined;
}

export interface MailTransaction {
  readonly sender: Address | '';
  readonly smtputf8: boolean;
  /** Without duplicates. */
  readonly recipients: readonly Address[];
}

/** A check that needs the account. The connection does it. */
export type SessionCheck =
  | { readonly kind: 'log-in'; readonly user: string; readonly password: string }
  | { readonly kind: 'sender'; readonly sender: Address | '' }
  | { readonly kind: 'recipient'; readonly recipient: Address; readonly taken: number };

/** A reply, the session after it, and what the connection does next. */
export interface SessionAnswer {
  readonly session: SmtpSession;
  readonly reply: SmtpReply;
  readonly next?: 'starttls' | 'data' | 'close';
}

/** The result of a line: an answer, or a check with the answer if it is granted and the session if it is refused. */
export type SessionStep =
  | SessionAnswer
  | { readonly check: SessionCheck; readonly granted: SessionAnswer; readonly refused: SmtpSession };

/** The session at the start, and again after STARTTLS (RFC 3207 4.2). */
export const NEW_SESSION: SmtpSession = {
  client: undefined,
  isLoggedIn: false,
  failedTries: 0,
  exchange: undefined,
  transaction: undefined,
};

/** Applies a command to a session. */
export function step(session: SmtpSession, command: Command, offer: Offer): SessionStep {
  switch (command.verb) {
    case 'wrong':
      return answer(session, command.reply);
    case 'EHLO':
    case 'HELO':
      return hello(session, command, offer);
    case 'STARTTLS':
      return starttls(session, offer);
    case 'AUTH':
      return auth(session, command, offer);
    case 'MAIL':
      return mail(session, command, offer);
    case 'RCPT':
      return rcpt(session, command, offer);
    case 'DATA':
      return data(session);
    case 'RSET':
      return answer({ ...session, transaction: undefined }, reply(250, '2.0.0', 'Ok'));
    case 'NOOP':
      return answer(session, reply(250, '2.0.0', 'Ok'));
    case 'VRFY':
      return answer(session, reply(252, '2.0.0', 'Cannot verify the address; send the message to find out'));
    case 'HELP':
      return answer(session, reply(214, '2.0.0', HELP));
    case 'QUIT':
      return { session, reply: reply(221, '2.0.0', 'Bye'), next: 'close' };
  }
}

/** Applies a line during an authentication: a response, or `*` to cancel (RFC 4954 4). */
export function stepExchange(session: SmtpSession, exchange: Exchange, line: string): SessionStep {
  const idle = { ...session, exchange: undefined };
  if (line === '*') return answer(idle, reply(501, '5.7.0', 'Authentication cancelled'));
  const result = readResponse(exchange, line);
  if (!result.ok)
    return answer(idle, reply(501, '5.5.2', `Invalid authentication response: ${result.reason}`));
  if (result.value.kind === 'challenge')
    return answer({ ...session, exchange: result.value.exchange }, plainReply(334, result.value.challenge));
  const { user, password } = result.value;
  return {
    check: { kind: 'log-in', user, password },
    granted: { session: { ...idle, isLoggedIn: true }, reply: reply(235, '2.7.0', 'Authenticated') },
    refused: { ...idle, failedTries: session.failedTries + 1 },
  };
}

/** Returns true after too many failed logins: the connection must be closed. */
export function hasTooManyFailures({ failedTries }: SmtpSession, { maxAuthTries }: Offer): boolean {
  return failedTries >= maxAuthTries;
}

const HELP = 'EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT; RFC 5321, RFC 6409';

function hello(
  session: SmtpSession,
  { verb, name }: Command & { verb: 'EHLO' | 'HELO' },
  offer: Offer,
): SessionStep {
  const isExtended = verb === 'EHLO';
  const extensions = isExtended ? extensionsOf(offer) : [];
  // RFC 5321 4.1.4: EHLO ends a transaction like RSET. The login stays valid.
  const after = { ...session, client: { name, isExtended }, transaction: undefined };
  return answer(after, plainReply(250, offer.hostName, ...extensions));
}

function extensionsOf({ maxMessageBytes, auth, starttls }: Offer): readonly string[] {
  return [
    `SIZE ${maxMessageBytes}`,
    '8BITMIME',
    'SMTPUTF8',
    'PIPELINING',
    'ENHANCEDSTATUSCODES',
    ...(auth ? [`AUTH ${MECHANISMS.join(' ')}`] : []),
    ...(starttls ? ['STARTTLS'] : []),
  ];
}

function starttls(session: SmtpSession, offer: Offer): SessionStep {
  if (!offer.starttls) return answer(session, reply(502, '5.5.1', 'STARTTLS is not available on this port'));
  if (session.transaction !== undefined) return answer(session, outOfOrder('STARTTLS must come before MAIL'));
  return { session: NEW_SESSION, reply: reply(220, '2.0.0', 'Go ahead'), next: 'starttls' };
}

function auth(session: SmtpSession, command: Command & { verb: 'AUTH' }, offer: Offer): SessionStep {
  if (session.client?.isExtended !== true) return answer(session, outOfOrder('Send EHLO first'));
  if (session.isLoggedIn) return answer(session, outOfOrder('Already authenticated'));
  if (!offer.auth) return answer(session, needsTls(offer));
  const started = startMechanism(command.mechanism);
  if (started === undefined)
    return answer(session, reply(504, '5.5.4', `Unknown mechanism; use ${MECHANISMS.join(' or ')}`));
  if (command.initial !== undefined) return stepExchange(session, started.exchange, command.initial);
  return answer({ ...session, exchange: started.exchange }, plainReply(334, started.challenge));
}

function mail(session: SmtpSession, command: MailCommand, offer: Offer): SessionStep {
  if (session.client === undefined) return answer(session, outOfOrder('Send EHLO first'));
  if (!session.isLoggedIn) return answer(session, offer.auth ? NEEDS_AUTH : needsTls(offer));
  if (session.transaction !== undefined)
    return answer(session, outOfOrder('A transaction is already open; send RSET first'));
  const { sender, size = 0, smtputf8 } = command;
  if (size > offer.maxMessageBytes)
    return answer(
      session,
      reply(552, '5.3.4', `The message is larger than the limit of ${offer.maxMessageBytes} octets`),
    );
  const transaction = { sender, smtputf8, recipients: [] };
  return {
    check: { kind: 'sender', sender },
    granted: { session: { ...session, transaction }, reply: reply(250, '2.1.0', 'Sender ok') },
    refused: session,
  };
}

function rcpt(session: SmtpSession, command: RcptCommand, offer: Offer): SessionStep {
  const { transaction } = session;
  if (transaction === undefined) return answer(session, session.isLoggedIn ? NEEDS_MAIL : NEEDS_AUTH);
  if (command.needsSmtputf8 && !transaction.smtputf8) return answer(session, NEEDS_SMTPUTF8);
  const { recipient } = command;
  const { recipients } = transaction;
  const ok = reply(250, '2.1.5', 'Recipient ok');
  if (recipients.includes(recipient)) return answer(session, ok);
  if (recipients.length >= offer.maxRecipients)
    return answer(session, reply(452, '4.5.3', `Too many recipients; the limit is ${offer.maxRecipients}`));
  const after = { ...session, transaction: { ...transaction, recipients: [...recipients, recipient] } };
  return {
    check: { kind: 'recipient', recipient, taken: recipients.length },
    granted: { session: after, reply: ok },
    refused: session,
  };
}

function data(session: SmtpSession): SessionStep {
  const { transaction } = session;
  if (transaction === undefined) return answer(session, session.isLoggedIn ? NEEDS_MAIL : NEEDS_AUTH);
  if (transaction.recipients.length === 0) return answer(session, reply(554, '5.5.1', 'No valid recipients'));
  return { session, reply: plainReply(354, 'End data with <CR><LF>.<CR><LF>'), next: 'data' };
}

const NEEDS_AUTH = reply(530, '5.7.0', 'Authentication required');
const NEEDS_MAIL = outOfOrder('Send MAIL first');

// RFC 3207 4: the reply of a server that requires TLS.
function needsTls({ starttls }: Offer): SmtpReply {
  return starttls
    ? reply(530, '5.7.0', 'Must issue a STARTTLS command first')
    : reply(538, '5.7.11', 'AUTH is not allowed without TLS, which this port does not offer');
}

function outOfOrder(text: string): SmtpReply {
  return reply(503, '5.5.1', text);
}

function answer(session: SmtpSession, reply: SmtpReply): SessionAnswer {
  return { session, reply };
}
