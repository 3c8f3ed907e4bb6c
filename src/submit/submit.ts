import { createHash } from 'node:crypto';
import type { Principal } from '../core/account.ts';
import { domainOf } from '../core/address.ts';
import { AppError } from '../core/errors.ts';
import { msOfId } from '../core/id.ts';
import type { MessageId, ProviderId } from '../core/message.ts';
import type { Provider } from '../core/provider.ts';
import { explainRoute, type RouteStep } from '../core/route.ts';
import type { Accepted, Submission } from '../core/submission.ts';
import {
  type Finish,
  type LeasedMessage,
  type LeaseId,
  type NewMessage,
  NO_LANE,
  type Store,
} from '../store/store.ts';
import {
  authorise,
  checkRecipients,
  checkSize,
  checkSubject,
  checkTimes,
  limitedBy,
  type SubmitPolicy,
} from './check.ts';
import { type Frozen, freeze, withSender } from './freeze.ts';
import { accountCharges, shortage } from './message-charges.ts';

/** Passes accepted messages to delivery without reading them back from the store; see delivery/lane/dispatcher.ts. */
export interface DirectDelivery {
  reserve(lane: ProviderId, bytes: number, recipients: number): boolean;
  deliver(message: LeasedMessage): void;
  release(lane: ProviderId, bytes: number): void;
  noteStored(lane: ProviderId, dueAt: number): void;
  /** Returns the result of the first attempt; `queued` when no attempt is expected soon, or when the signal aborts. */
  firstOutcome(id: MessageId, signal: AbortSignal): Promise<Finish | 'queued'>;
}

export interface SubmitContext {
  readonly store: Store;
  readonly delivery: DirectDelivery;
  /** The lease of this node, for messages that are passed to delivery directly. */
  readonly lease: LeaseId;
  readonly providers: () => readonly Provider[];
  readonly policy: SubmitPolicy;
  readonly newId: () => MessageId;
  /** Returns at least 64 random bits as letters and digits. */
  readonly newToken: () => string;
  readonly now: () => number;
  /** Called for each accepted message. */
  readonly onAccepted: (message: NewMessage) => void;
}

/** A submission that passed all checks, as a composed message. */
export interface Prepared {
  readonly message: NewMessage;
  readonly route: readonly RouteStep[];
}

/** The only function that accepts messages. */
export interface Submit {
  /**
   * Accepts a message and resolves when it is on disk. A refusal is an AppError, and then nothing was stored. With `wait` it
   * resolves at the outcome of the first attempt, or when the signal aborts. An abort does not cancel the message.
   */
  submit(principal: Principal, submission: Submission, wait?: AbortSignal): Promise<Accepted>;
  /** Does everything that `submit` does except storing. */
  prepare(principal: Principal, submission: Submission): Prepared;
}

const FULL_RETRY_AFTER_SECONDS = 30;

export function createSubmit(context: SubmitContext): Submit {
  return {
    prepare: (principal, submission) => prepare(context, principal, submission),
    async submit(principal, submission, wait) {
      const { message } = prepare(context, principal, submission);
      const result = await store(context, message);
      if (wait === undefined || result.replayed) return result;
      return withOutcome(result, await context.delivery.firstOutcome(message.id, wait));
    },
  };
}

/** Authorises, checks and composes. After this only the store can refuse the message. */
function prepare(context: SubmitContext, principal: Principal, draft: Submission): Prepared {
  const { policy } = context;
  const submission = withSender(draft, context.providers());
  authorise(principal, submission);
  const id = context.newId();
  // Searches by time use ids: the time of acceptance is the time in the id, unless the clock went back.
  const times = checkTimes(submission, Math.min(context.now(), msOfId(id)), policy);
  checkRecipients(submission.envelope, limitedBy(principal.account, policy));
  checkSubject(submission);
  const identity = { id, token: context.newToken(), date: times.dueAt };
  const frozen = freeze(principal.account, submission, identity);
  // The fields that the gate adds to a raw message do not count: a message of exactly the offered SIZE is accepted.
  const { body } = submission;
  checkSize(body.kind === 'raw' ? body.mime : frozen.mime, policy, submission.maxBytes);
  const senderDomain = frozen.from === '' ? '' : domainOf(frozen.from);
  const route = explainRoute(context.providers(), { senderDomain, spread: id });
  const lane = route.find(step => step.isUsed)?.provider.id ?? NO_LANE;
  return { message: newMessage(principal, submission, { id, lane, ...times, ...frozen }), route };
}

function newMessage(
  principal: Principal,
  submission: Submission,
  made: Frozen & Pick<NewMessage, 'id' | 'lane' | 'createdAt' | 'dueAt' | 'expiresAt'>,
): NewMessage {
  const { idempotencyKey, notes, sentItem } = submission;
  const recipients = submission.envelope.recipients.length;
  const charges = [
    ...accountCharges(principal.account, recipients, made.createdAt),
    ...(submission.charges ?? []),
  ];
  return {
    ...made,
    account: principal.account.id,
    dialect: submission.dialect,
    envelope: submission.envelope,
    tags: submission.tags ?? [],
    metadata: submission.metadata ?? {},
    priority: submission.priority ?? 'normal',
    ...(charges.length > 0 && { charges }),
    ...(sentItem && { sentItem }),
    ...(idempotencyKey !== undefined && {
      idempotency: { key: idempotencyKey, fingerprint: fingerprintOf(submission) },
    }),
    ...(notes && { notes }),
  };
}

/** SHA-256 of the parsed submission. A repeated request has the same fingerprint. */
function fingerprintOf({ idempotencyKey: _, charges: __, body, ...rest }: Submission): Buffer {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  return hash.update(body.kind === 'raw' ? body.mime : JSON.stringify(body)).digest();
}

/** Stores the message, and passes it to delivery from memory if nothing older in its lane is due. */
async function store(context: SubmitContext, prepared: NewMessage): Promise<Accepted> {
  const { delivery, lease } = context;
  const bytes = prepared.mime.length;
  const isHot =
    prepared.dueAt <= prepared.createdAt &&
    delivery.reserve(prepared.lane, bytes, prepared.envelope.recipients.length);
  const message = isHot ? { ...prepared, lease } : prepared;
  let isPassedOn = false;
  try {
    const result = await context.store.queue.enqueue(message);
    if (result.kind === 'full') throw full();
    if (result.kind === 'short')
      throw shortage(prepared.charges?.[result.charge], result.retryAt, context.now());
    if (result.kind === 'key-taken')
      throw new AppError('conflict', 'This idempotency key was used for another message.');
    if (result.kind === 'replayed') return await acceptedBefore(context, result.id);
    if (isHot) delivery.deliver(leasedMessage(message));
    else delivery.noteStored(message.lane, message.dueAt);
    isPassedOn = isHot;
    context.onAccepted(message);
    return accepted(message);
  } finally {
    if (isHot && !isPassedOn) delivery.release(prepared.lane, bytes);
  }
}

/** Adds the result of the first attempt to each recipient. */
function withOutcome(accepted: Accepted, outcome: Finish | 'queued'): Accepted {
  if (outcome === 'queued') return accepted;
  const recipients = accepted.recipients.map((recipient, index) => {
    const result = outcome.results.find(one => one.index === index);
    if (result === undefined) return recipient;
    const reply =
      result.outcome !== undefined && 'reply' in result.outcome ? result.outcome.reply : undefined;
    return { ...recipient, state: result.state, ...(reply && { reply }) };
  });
  return { ...accepted, recipients };
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
  const message = 'The queue has no capacity for new mail. Nothing was accepted; try again later.';
  return new AppError('unavailable', message, { retryAfterSeconds: FULL_RETRY_AFTER_SECONDS });
}
