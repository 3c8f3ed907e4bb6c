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

/** A submission with a From. */
export type CompleteSubmission = Submission & {
  readonly body:
    | (Omit<Extract<Body, { kind: 'content' }>, 'content'> & { readonly content: Content })
    | Extract<Body, { kind: 'raw' }>;
};

/** The values that are the same in all attempts of a message. */
export interface Identity {
  readonly id: MessageId;
  /** Random letters and digits. */
  readonly token: string;
  /** Epoch ms, for the Date field. */
  readonly date: number;
}

/** The bytes to send, and the fields that the store keeps in columns. */
export type Frozen = Pick<
  NewMessage,
  'mime' | 'eightBit' | 'smtputf8' | 'from' | 'subject' | 'messageIdHeader'
>;

/** Maximum octets of a header. A larger one is not real mail, and a megabyte of short lines takes long to parse. */
const MAX_RAW_HEADER = 256 * 1024;
/** Mail with more Received fields is in a loop (RFC 5321 6.3). */
const MAX_RECEIVED = 50;

/** Adds an absent From: the default sender of the first provider that has one. */
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

/** Composes a new message, or takes over a raw one. After this the bytes never change. */
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

/** Takes over a message that the client composed. The account must be allowed to send as its From. */
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
  if (raw.fromAddresses === undefined) throw invalidField('from', 'the From field of the message is invalid');
  assertMaySendAs(account, raw.fromAddresses);
  if (raw.receivedCount > MAX_RECEIVED)
    throw invalidField('mime', 'has passed too many servers: a mail loop', 'loop');
  const { mime, eightBit, smtputf8, from, subject, messageIdHeader } = raw;
  return { mime, eightBit, smtputf8, from, subject, messageIdHeader };
}

function needsUtf8({ sender, recipients }: Envelope): boolean {
  return recipients.some(needsSmtputf8) || (sender !== '' && needsSmtputf8(sender));
}
