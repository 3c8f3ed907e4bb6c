import { createHash } from 'node:crypto';
import { maySendAs } from './accounts/senders.ts';
import type { Account, Principal } from './core/account.ts';
import { type Address, domainOf, needsSmtputf8 } from './core/address.ts';
import { AppError, invalidField } from './core/errors.ts';
import type { Content, Envelope, MessageId, ProviderId } from './core/message.ts';
import type { Provider } from './core/provider.ts';
import { explainRoute, type RouteStep } from './core/route.ts';
import type { Accepted, Submission } from './core/submission.ts';
import { compose } from './mime/compose.ts';
import { prepareRaw } from './mime/raw-message.ts';
import { type LeasedMessage, type LeaseId, type NewMessage, NO_LANE, type Store } from './store/store.ts';

/** How accepted mail reaches delivery without being read back; see delivery/dispatcher.ts. */
export interface HandOver {
  reserve(lane: ProviderId, bytes: number): boolean;
  handOver(message: LeasedMessage): void;
  forgo(bytes: number): void;
  noteStored(lane: ProviderId, dueAt: number): void;
}

export interface SubmitPolicy {
  readonly maxRecipients: number;
  /** Bytes of the composed message. */
  readonly maxMessageBytes: number;
  /** How long delivery is tried when the submission does not say, and at most, counted from the first due time. */
  readonly expiryMs: number;
  readonly maxExpiryMs: number;
  /** How far ahead mail may be scheduled. */
  readonly maxScheduleMs: number;
}

export interface SubmitContext {
  readonly store: Store;
  readonly delivery: HandOver;
  /** This node's lease, for mail that is handed over. */
  readonly lease: LeaseId;
  readonly providers: () => readonly Provider[];
  readonly policy: SubmitPolicy;
  readonly newId: () => MessageId;
  /** At least 64 random bits as a token of letters and digits. */
  readonly newToken: () => string;
  readonly now: () => number;
  /** Told of every message accepted. */
  readonly onAccepted: (message: NewMessage) => void;
}

/** A submission that passed every check, composed and frozen. */
export interface Prepared {
  readonly message: NewMessage;
  readonly route: readonly RouteStep[];
}

/** The way in, the only one. */
export interface Submit {
  /** Accepts a message: resolves once it is on disk. Refusals are AppErrors, and then nothing was stored. */
  submit(principal: Principal, submission: Submission): Promise<Accepted>;
  /** Does all that `submit` does short of storing. */
  prepare(principal: Principal, submission: Submission): Prepared;
}

/** Mail that has passed so many servers goes in a circle (RFC 5321 6.3). */
const MAX_RECEIVED = 50;
const FULL_RETRY_AFTER_SECONDS = 30;

export function createSubmit(context: SubmitContext): Submit {
  return {
    prepare: (principal, submission) => prepare(context, principal, submission),
    async submit(principal, submission) {
      const { message } = prepare(context, principal, submission);
      return store(context, message);
    },
  };
}

/** authorise → check → compose: no refusal comes after this but the store's. */
function prepare(context: SubmitContext, principal: Principal, draft: Submission): Prepared {
  const submission = withSender(draft, context.providers());
  authorise(principal, submission);
  const times = checkTimes(submission, context.now(), context.policy);
  checkRecipients(submission.envelope, context.policy);
  const id = context.newId();
  const composed = composeBody(context, principal.account, submission, id, times.dueAt);
  if (composed.mime.length > context.policy.maxMessageBytes) {
    const limit = context.policy.maxMessageBytes;
    throw new AppError(
      'too_large',
      `The message has ${composed.mime.length} bytes; at most ${limit} are accepted.`,
    );
  }
  const route = explainRoute(context.providers(), { senderDomain: senderDomainOf(composed.from) });
  const lane = route.find(step => step.isUsed)?.provider.id ?? NO_LANE;
  return { message: newMessage(principal, submission, { id, lane, ...times, ...composed }), route };
}

/** Where From was left out, the first provider's default; see DraftContent. */
function withSender(
  submission: Submission,
  providers: readonly Provider[],
): Submission & { body: CompleteBody } {
  const { body, envelope } = submission;
  if (body.kind === 'raw') return { ...submission, body };
  const { from } = body.content;
  if (from !== undefined) return { ...submission, body: { ...body, content: { ...body.content, from } } };
  const steps = explainRoute(providers, { senderDomain: '' });
  const first = steps.find(step => step.isUsed && step.provider.sendFrom !== '')?.provider;
  if (first === undefined || first.sendFrom === '') {
    throw invalidField('from', 'It is missing, and no provider has a default sender.');
  }
  const { sendFrom: address, sendFromName: name } = first;
  const mailbox = name === '' ? { address } : { name, address };
  return {
    ...submission,
    envelope: { ...envelope, sender: address },
    body: { ...body, content: { ...body.content, from: mailbox } },
  };
}

type CompleteBody =
  | { readonly kind: 'content'; readonly content: Content; readonly textEncoding?: 'quoted-printable' }
  | { readonly kind: 'raw'; readonly mime: Buffer };

function authorise({ account, scopes }: Principal, { envelope, body }: Submission): void {
  if (!scopes.includes('send')) throw new AppError('forbidden', 'This key may not send mail.');
  assertMaySendAs(account, [
    envelope.sender,
    body.kind === 'content' ? (body.content.from?.address ?? '') : '',
  ]);
}

function assertMaySendAs(account: Account, senders: readonly (Address | '')[]): void {
  const foreign = senders.find(sender => sender !== '' && !maySendAs(account, sender));
  if (foreign === undefined) return;
  const sentence = `The account ${account.name} may not send as ${foreign}.`;
  throw new AppError('sender_not_allowed', sentence, { field: 'from' });
}

function checkTimes(
  submission: Submission,
  now: number,
  policy: SubmitPolicy,
): { createdAt: number; dueAt: number; expiresAt: number } {
  const dueAt = Math.max(now, submission.sendAt ?? now);
  if (dueAt - now > policy.maxScheduleMs) {
    throw invalidField('sendAt', `It is more than ${days(policy.maxScheduleMs)} days ahead.`);
  }
  const expiresAt = submission.expiresAt ?? dueAt + policy.expiryMs;
  if (expiresAt <= dueAt) throw invalidField('expiresAt', 'It is not after the time of sending.');
  if (expiresAt - dueAt > policy.maxExpiryMs) {
    throw invalidField(
      'expiresAt',
      `It is more than ${days(policy.maxExpiryMs)} days after the time of sending.`,
    );
  }
  return { createdAt: now, dueAt, expiresAt };
}

function checkRecipients({ recipients }: Envelope, { maxRecipients }: SubmitPolicy): void {
  if (recipients.length === 0) throw invalidField('to', 'There is no recipient.');
  if (recipients.length > maxRecipients) {
    const sentence = `There are ${recipients.length} recipients; at most ${maxRecipients} are accepted.`;
    throw new AppError('too_many_recipients', sentence, { field: 'to' });
  }
}

type Composed = Pick<NewMessage, 'mime' | 'eightBit' | 'smtputf8' | 'from' | 'subject' | 'messageIdHeader'>;

function composeBody(
  context: SubmitContext,
  account: Account,
  submission: Submission & { body: CompleteBody },
  id: MessageId,
  date: number,
): Composed {
  const { body, envelope } = submission;
  const addresses = [envelope.sender, ...envelope.recipients];
  const isInternational = addresses.some(address => address !== '' && needsSmtputf8(address));
  const composed =
    body.kind === 'raw'
      ? adoptRaw(context, account, body.mime, envelope, id, date)
      : composeContent(context, body, id, date);
  return isInternational ? { ...composed, smtputf8: true } : composed;
}

function composeContent(
  context: SubmitContext,
  { content, textEncoding }: CompleteBody & { kind: 'content' },
  id: MessageId,
  date: number,
): Composed {
  const token = context.newToken();
  const messageIdHeader = `<${id}.${token}@${domainOf(content.from.address)}>`;
  const frame = {
    date,
    messageId: messageIdHeader,
    boundaryToken: token,
    ...(textEncoding && { textEncoding }),
  };
  const { mime, eightBit, smtputf8 } = compose(content, frame);
  return { mime, eightBit, smtputf8, from: content.from.address, subject: content.subject, messageIdHeader };
}

/** Takes a message that its sender composed; who it says it is from must be allowed too. */
function adoptRaw(
  context: SubmitContext,
  account: Account,
  given: Buffer,
  envelope: Envelope,
  id: MessageId,
  date: number,
): Composed {
  const domain = envelope.sender === '' ? 'localhost' : domainOf(envelope.sender);
  const raw = prepareRaw(given, { date, messageId: `<${id}.${context.newToken()}@${domain}>` });
  if (raw.fromAddresses === undefined)
    throw invalidField('from', 'The From field of the message cannot be read.');
  assertMaySendAs(account, raw.fromAddresses);
  if (raw.receivedCount > MAX_RECEIVED)
    throw invalidField('mime', 'It has passed too many servers: a mail loop.');
  const { mime, eightBit, smtputf8, from, subject, messageIdHeader } = raw;
  return { mime, eightBit, smtputf8, from, subject, messageIdHeader };
}

function newMessage(
  principal: Principal,
  submission: Submission,
  made: Composed & Pick<NewMessage, 'id' | 'lane' | 'createdAt' | 'dueAt' | 'expiresAt'>,
): NewMessage {
  const { idempotencyKey, notes } = submission;
  return {
    ...made,
    account: principal.account.id,
    dialect: submission.dialect,
    envelope: submission.envelope,
    tags: submission.tags ?? [],
    metadata: submission.metadata ?? {},
    priority: submission.priority ?? 'normal',
    ...(idempotencyKey !== undefined && {
      idempotency: { key: idempotencyKey, fingerprint: fingerprintOf(submission) },
    }),
    ...(notes && { notes }),
  };
}

/** SHA-256 of the parsed submission: what "the same request again" means. */
function fingerprintOf({ idempotencyKey: _, ...submission }: Submission): Buffer {
  return createHash('sha256').update(JSON.stringify(submission)).digest();
}

/** Stores the message, and hands it over to delivery from memory when its lane has nothing older due. */
async function store(context: SubmitContext, prepared: NewMessage): Promise<Accepted> {
  const { delivery, lease } = context;
  const bytes = prepared.mime.length;
  const isHot = prepared.dueAt <= prepared.createdAt && delivery.reserve(prepared.lane, bytes);
  const message = isHot ? { ...prepared, lease } : prepared;
  let isHandedOver = false;
  try {
    const result = await context.store.queue.enqueue(message);
    if (result.kind === 'full') throw full();
    if (result.kind === 'key-taken')
      throw new AppError('conflict', 'This idempotency key was used for another message.');
    if (result.kind === 'replayed') return await acceptedBefore(context, result.id);
    context.onAccepted(message);
    if (isHot) delivery.handOver(leasedMessage(message));
    else delivery.noteStored(message.lane, message.dueAt);
    isHandedOver = isHot;
    return accepted(message);
  } finally {
    if (isHot && !isHandedOver) delivery.forgo(bytes);
  }
}

function accepted({ id, messageIdHeader, envelope }: NewMessage): Accepted {
  const recipients = envelope.recipients.map(address => ({ address, state: 'queued' as const }));
  return { id, messageIdHeader, replayed: false, recipients };
}

async function acceptedBefore(context: SubmitContext, id: MessageId): Promise<Accepted> {
  const message = await context.store.history.message(id);
  const recipients = message?.recipients.map(({ address, state }) => ({ address, state })) ?? [];
  return { id, messageIdHeader: message?.messageIdHeader ?? '', replayed: true, recipients };
}

function leasedMessage(message: NewMessage): LeasedMessage {
  const { envelope } = message;
  return {
    id: message.id,
    account: message.account,
    dialect: message.dialect,
    sender: envelope.sender,
    recipients: envelope.recipients.map((address, index) => ({
      index,
      address,
      wasUnknown: false,
      attempts: 0,
    })),
    mime: message.mime,
    eightBit: message.eightBit,
    smtputf8: message.smtputf8,
    from: message.from,
    priority: message.priority,
    lane: message.lane,
    createdAt: message.createdAt,
    expiresAt: message.expiresAt,
    attempt: 1,
  };
}

function full(): AppError {
  const sentence = 'There is no room for new mail now.';
  return new AppError('unavailable', sentence, { retryAfterSeconds: FULL_RETRY_AFTER_SECONDS });
}

function senderDomainOf(from: Address | ''): string {
  return from === '' ? '' : domainOf(from);
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000);
}
