import type { Address } from '../core/address.ts';
import { type MailCommand, NEEDS_SMTPUTF8, type RcptCommand } from './envelope-command.ts';
import type { Command } from './parse-command.ts';
import { begin, type Exchange, hear, MECHANISMS } from './sasl.ts';
import { plainReply, reply, type SmtpReply } from './smtp-reply.ts';

/** What a server offers on one connection; STARTTLS changes it. */
export interface Offer {
  readonly hostName: string;
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  readonly maxAuthTries: number;
  /** It is to be had, and not yet in use. */
  readonly starttls: boolean;
  /** Passwords are taken over this connection as it is. */
  readonly auth: boolean;
}

/** What was said so far, as far as it matters for what is said next. */
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
  /** Each once. */
  readonly recipients: readonly Address[];
}

/** What the session cannot know by itself. */
export type Ask =
  | { readonly kind: 'log-in'; readonly user: string; readonly password: string }
  | { readonly kind: 'sender'; readonly sender: Address | '' }
  | { readonly kind: 'recipient'; readonly recipient: Address; readonly taken: number };

/** A reply, the session after it, and what the connection does then. */
export interface Settled {
  readonly session: SmtpSession;
  readonly reply: SmtpReply;
  readonly next?: 'starttls' | 'data' | 'close';
}

/** What comes of a line: settled, or a question first, which is granted or refused in the words of the answer. */
export type SessionStep =
  | Settled
  | { readonly ask: Ask; readonly granted: Settled; readonly refused: SmtpSession };

/** A session in which nothing was said yet: at the start, and again behind STARTTLS (RFC 3207 4.2). */
export const NEW_SESSION: SmtpSession = {
  client: undefined,
  isLoggedIn: false,
  failedTries: 0,
  exchange: undefined,
  transaction: undefined,
};

/** What a command does in a session. */
export function step(session: SmtpSession, command: Command, offer: Offer): SessionStep {
  switch (command.verb) {
    case 'wrong':
      return say(session, command.reply);
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
      return say({ ...session, transaction: undefined }, reply(250, '2.0.0', 'Ok'));
    case 'NOOP':
      return say(session, reply(250, '2.0.0', 'Ok'));
    case 'VRFY':
      return say(session, reply(252, '2.0.0', 'Nobody is verified; send the mail and see'));
    case 'HELP':
      return say(session, reply(214, '2.0.0', HELP));
    case 'QUIT':
      return { session, reply: reply(221, '2.0.0', 'Bye'), next: 'close' };
  }
}

/** What a line is while an authentication is under way: a response, or `*` for its end (RFC 4954 4). */
export function stepExchange(session: SmtpSession, exchange: Exchange, line: string): SessionStep {
  const idle = { ...session, exchange: undefined };
  if (line === '*') return say(idle, reply(501, '5.7.0', 'Authentication cancelled'));
  const heard = hear(exchange, line);
  if (!heard.ok) return say(idle, reply(501, '5.5.2', `Bad authentication: ${heard.reason}`));
  if (heard.value.kind === 'ask')
    return say({ ...session, exchange: heard.value.exchange }, plainReply(334, heard.value.challenge));
  const { user, password } = heard.value;
  return {
    ask: { kind: 'log-in', user, password },
    granted: { session: { ...idle, isLoggedIn: true }, reply: reply(235, '2.7.0', 'Authenticated') },
    refused: { ...idle, failedTries: session.failedTries + 1 },
  };
}

/** Whether a session has tried too many credentials to be heard any longer. */
export function hasTriedEnough({ failedTries }: SmtpSession, { maxAuthTries }: Offer): boolean {
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
  // RFC 5321 4.1.4: it ends a transaction as RSET does; who logged in stays so.
  const after = { ...session, client: { name, isExtended }, transaction: undefined };
  return say(after, plainReply(250, offer.hostName, ...extensions));
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
  if (!offer.starttls) return say(session, reply(502, '5.5.1', 'STARTTLS is not to be had here'));
  if (session.transaction !== undefined) return say(session, outOfOrder('STARTTLS goes before MAIL'));
  return { session: NEW_SESSION, reply: reply(220, '2.0.0', 'Go ahead'), next: 'starttls' };
}

function auth(session: SmtpSession, command: Command & { verb: 'AUTH' }, offer: Offer): SessionStep {
  if (session.client?.isExtended !== true) return say(session, outOfOrder('Say EHLO first'));
  if (session.isLoggedIn) return say(session, outOfOrder('Already authenticated'));
  if (!offer.auth) return say(session, needsTls(offer));
  const begun = begin(command.mechanism);
  if (begun === undefined) return say(session, reply(504, '5.5.4', `Use ${MECHANISMS.join(' or ')}`));
  if (command.initial !== undefined) return stepExchange(session, begun.exchange, command.initial);
  return say({ ...session, exchange: begun.exchange }, plainReply(334, begun.challenge));
}

function mail(session: SmtpSession, command: MailCommand, offer: Offer): SessionStep {
  if (session.client === undefined) return say(session, outOfOrder('Say EHLO first'));
  if (!session.isLoggedIn) return say(session, offer.auth ? NEEDS_AUTH : needsTls(offer));
  if (session.transaction !== undefined) return say(session, outOfOrder('There is a sender already'));
  const { sender, size = 0, smtputf8 } = command;
  if (size > offer.maxMessageBytes)
    return say(session, reply(552, '5.3.4', `At most ${offer.maxMessageBytes} octets are accepted`));
  const transaction = { sender, smtputf8, recipients: [] };
  return {
    ask: { kind: 'sender', sender },
    granted: { session: { ...session, transaction }, reply: reply(250, '2.1.0', 'Sender ok') },
    refused: session,
  };
}

function rcpt(session: SmtpSession, command: RcptCommand, offer: Offer): SessionStep {
  const { transaction } = session;
  if (transaction === undefined) return say(session, session.isLoggedIn ? NEEDS_MAIL : NEEDS_AUTH);
  if (command.needsSmtputf8 && !transaction.smtputf8) return say(session, NEEDS_SMTPUTF8);
  const { recipient } = command;
  const { recipients } = transaction;
  const ok = reply(250, '2.1.5', 'Recipient ok');
  if (recipients.includes(recipient)) return say(session, ok);
  if (recipients.length >= offer.maxRecipients)
    return say(session, reply(452, '4.5.3', `At most ${offer.maxRecipients} recipients are accepted`));
  const after = { ...session, transaction: { ...transaction, recipients: [...recipients, recipient] } };
  return {
    ask: { kind: 'recipient', recipient, taken: recipients.length },
    granted: { session: after, reply: ok },
    refused: session,
  };
}

function data(session: SmtpSession): SessionStep {
  const { transaction } = session;
  if (transaction === undefined) return say(session, session.isLoggedIn ? NEEDS_MAIL : NEEDS_AUTH);
  if (transaction.recipients.length === 0) return say(session, reply(554, '5.5.1', 'No valid recipients'));
  return { session, reply: plainReply(354, 'End with a line that is a dot'), next: 'data' };
}

const NEEDS_AUTH = reply(530, '5.7.0', 'Authentication required');
const NEEDS_MAIL = outOfOrder('MAIL comes first');

// RFC 3207 4: where TLS is required, this is what is said without.
function needsTls({ starttls }: Offer): SmtpReply {
  return starttls
    ? reply(530, '5.7.0', 'Must issue a STARTTLS command first')
    : reply(538, '5.7.11', 'Passwords are not taken over connections without TLS');
}

function outOfOrder(text: string): SmtpReply {
  return reply(503, '5.5.1', text);
}

function say(session: SmtpSession, reply: SmtpReply): Settled {
  return { session, reply };
}
