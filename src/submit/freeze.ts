import type { Account } from '../core/account.ts';
import { domainOf, needsSmtputf8 } from '../core/address.ts';
import { invalidField } from '../core/errors.ts';
import type { Content, Envelope, MessageId } from '../core/message.ts';
import type { Provider } from '../core/provider.ts';
import { explainRoute } from '../core/route.ts';
import type { Body, Submission } from '../core/submission.ts';
import { compose } from '../mime/compose.ts';
import { headerEnd } from '../mime/raw-header.ts';
import { prepareRaw } from '../mime/raw-message.ts';
import type { NewMessage } from '../store/store.ts';
import { assertMaySendAs } from './check.ts';

/** A submission whose From is known. */
export type CompleteSubmission = Submission & {
  readonly body:
    | (Omit<Extract<Body, { kind: 'content' }>, 'content'> & { readonly content: Content })
    | Extract<Body, { kind: 'raw' }>;
};

/** What makes a message the one it is in all attempts. */
export interface Identity {
  readonly id: MessageId;
  /** Random letters and digits. */
  readonly token: string;
  /** Epoch ms, for the Date field. */
  readonly date: number;
}

/** The bytes that will be sent, and what of them is worth a column. */
export type Frozen = Pick<
  NewMessage,
  'mime' | 'eightBit' | 'smtputf8' | 'from' | 'subject' | 'messageIdHeader'
>;

/** A header of more octets is no header; a megabyte of tiny lines would also take its time. */
const MAX_RAW_HEADER = 256 * 1024;
/** Mail that has passed so many servers goes in a circle (RFC 5321 6.3). */
const MAX_RECEIVED = 50;

/** Where From was left out it is the default of the first provider that has one. */
export function withSender(submission: Submission, providers: readonly Provider[]): CompleteSubmission {
  const { body, envelope } = submission;
  if (body.kind === 'raw') return { ...submission, body };
  const { from } = body.content;
  if (from !== undefined) return { ...submission, body: { ...body, content: { ...body.content, from } } };
  const steps = explainRoute(providers, { senderDomain: '' });
  const first = steps.find(step => step.isUsed && step.provider.sendFrom !== '')?.provider;
  if (first === undefined || first.sendFrom === '') {
    throw invalidField('from', 'is missing, and no provider has a default sender');
  }
  const { sendFrom: address, sendFromName: name } = first;
  const mailbox = name === '' ? { address } : { name, address };
  return {
    ...submission,
    envelope: { ...envelope, sender: address },
    body: { ...body, content: { ...body.content, from: mailbox } },
  };
}

/** Composes the message, or takes the one that was composed already: from here on it never changes. */
export function freeze(account: Account, submission: CompleteSubmission, identity: Identity): Frozen {
  const { body, envelope } = submission;
  const frozen =
    body.kind === 'raw' ? adoptRaw(account, body, envelope, identity) : composeNew(body, identity);
  return needsUtf8(envelope) ? { ...frozen, smtputf8: true } : frozen;
}

function composeNew(
  { content, textEncoding, ...given }: CompleteSubmission['body'] & { kind: 'content' },
  { id, token, ...identity }: Identity,
): Frozen {
  const { from, subject } = content;
  const { date = identity.date, messageId = `<${id}.${token}@${domainOf(from.address)}>` } = given;
  const frame = { date, messageId, boundaryToken: token, ...(textEncoding && { textEncoding }) };
  return { ...compose(content, frame), from: from.address, subject, messageIdHeader: messageId };
}

/** Takes a message that its sender composed; whom it says it is from must be allowed too. */
function adoptRaw(
  account: Account,
  { mime: given, trace = [] }: Extract<Body, { kind: 'raw' }>,
  { sender }: Envelope,
  { id, token, date }: Identity,
): Frozen {
  if (headerEnd(given) > MAX_RAW_HEADER)
    throw invalidField('mime', `has a header of more than ${MAX_RAW_HEADER} octets`);
  const domain = sender === '' ? 'localhost' : domainOf(sender);
  const raw = prepareRaw(given, { date, messageId: `<${id}.${token}@${domain}>`, traceHeaders: trace });
  if (raw.fromAddresses === undefined)
    throw invalidField('from', 'the From field of the message cannot be read');
  assertMaySendAs(account, raw.fromAddresses);
  if (raw.receivedCount > MAX_RECEIVED)
    throw invalidField('mime', 'has passed too many servers: a mail loop', 'loop');
  const { mime, eightBit, smtputf8, from, subject, messageIdHeader } = raw;
  return { mime, eightBit, smtputf8, from, subject, messageIdHeader };
}

function needsUtf8({ sender, recipients }: Envelope): boolean {
  return recipients.some(needsSmtputf8) || (sender !== '' && needsSmtputf8(sender));
}
