import { maySendAs } from '../auth/allowed-senders.ts';
import type { Account, Principal } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import { AppError, invalidField } from '../core/errors.ts';
import { isSubjectTooLong, MAX_SUBJECT_LENGTH } from '../core/header-names.ts';
import type { Envelope } from '../core/message.ts';
import type { Submission } from '../core/submission.ts';

/** The limits of submissions, and the defaults for absent fields. */
export interface SubmitPolicy {
  readonly maxRecipients: number;
  /** Bytes of the composed message. */
  readonly maxMessageBytes: number;
  /** Default and maximum time of delivery, counted from the time at which the message is due. */
  readonly expiryMs: number;
  readonly maxExpiryMs: number;
  /** How far in the future a message can be scheduled. */
  readonly maxScheduleMs: number;
}

/** @throws AppError unless the account may send mail, with this envelope sender and this From. */
export function authorise({ account, scopes }: Principal, { envelope, body }: Submission): void {
  if (!scopes.includes('send')) throw new AppError('forbidden', 'This key may not send mail.');
  assertMaySendAs(account, [
    envelope.sender,
    body.kind === 'content' ? (body.content.from?.address ?? '') : '',
  ]);
}

/** @throws AppError unless the account may send as each of the addresses. Every account may use the null sender. */
export function assertMaySendAs(account: Account, senders: readonly (Address | '')[]): void {
  const foreign = senders.find(sender => sender !== '' && !maySendAs(account, sender));
  if (foreign === undefined) return;
  const message = `The account ${account.name} may not send as ${foreign}.`;
  throw new AppError('sender_not_allowed', message, { field: 'from' });
}

/** Returns when the message is due and when it expires, in epoch ms. */
export function checkTimes(
  submission: Submission,
  now: number,
  policy: SubmitPolicy,
): { createdAt: number; dueAt: number; expiresAt: number } {
  const dueAt = Math.max(now, submission.sendAt ?? now);
  if (dueAt - now > policy.maxScheduleMs) {
    throw invalidField('sendAt', `is more than ${days(policy.maxScheduleMs)} days ahead`);
  }
  const expiresAt = submission.expiresAt ?? dueAt + policy.expiryMs;
  if (expiresAt <= dueAt) throw invalidField('expiresAt', 'is not after the time of sending');
  if (expiresAt - dueAt > policy.maxExpiryMs) {
    throw invalidField(
      'expiresAt',
      `is more than ${days(policy.maxExpiryMs)} days after the time of sending`,
    );
  }
  return { createdAt: now, dueAt, expiresAt };
}

/** Applies the limits of the account. A message with more recipients than a whole period allows could never be sent. */
export function limitedBy({ limits }: Account, policy: SubmitPolicy): SubmitPolicy {
  const own = Object.values(limits).filter(max => max !== undefined);
  return { ...policy, maxRecipients: Math.min(policy.maxRecipients, ...own) };
}

export function checkRecipients({ recipients }: Envelope, { maxRecipients }: SubmitPolicy): void {
  if (recipients.length === 0) throw invalidField('to', 'there is no recipient');
  if (recipients.length > maxRecipients) {
    const message = `There are ${recipients.length} recipients; at most ${maxRecipients} are accepted.`;
    throw new AppError('too_many_recipients', message, { field: 'to' });
  }
}

/** Refuses a very long subject. Other servers could handle it in unpredictable ways. */
export function checkSubject({ body }: Submission): void {
  if (body.kind !== 'content' || !isSubjectTooLong(body.content.subject)) return;
  throw invalidField('subject', `is longer than ${MAX_SUBJECT_LENGTH} characters`);
}

/** Checks the size of the composed message, against the limit of the gate and that of the API. */
export function checkSize(mime: Buffer, { maxMessageBytes }: SubmitPolicy, maxBytes = maxMessageBytes): void {
  const limit = Math.min(maxMessageBytes, maxBytes);
  if (mime.length <= limit) return;
  throw new AppError('too_large', `The message has ${mime.length} bytes; at most ${limit} are accepted.`);
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000);
}
