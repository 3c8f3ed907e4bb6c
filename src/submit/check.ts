import { maySendAs } from '../auth/allowed-senders.ts';
import type { Account, Principal } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import { AppError, invalidField } from '../core/errors.ts';
import { isSubjectTooLong, MAX_SUBJECT_LENGTH } from '../core/header-names.ts';
import type { Envelope } from '../core/message.ts';
import type { Submission } from '../core/submission.ts';

/** What is accepted, and what of it when the submission does not say. */
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

/** Whether the account may hand in mail at all, and as this sender. */
export function authorise({ account, scopes }: Principal, { envelope, body }: Submission): void {
  if (!scopes.includes('send')) throw new AppError('forbidden', 'This key may not send mail.');
  assertMaySendAs(account, [
    envelope.sender,
    body.kind === 'content' ? (body.content.from?.address ?? '') : '',
  ]);
}

/** Throws unless the account may send as each of the addresses; the null sender is nobody's. */
export function assertMaySendAs(account: Account, senders: readonly (Address | '')[]): void {
  const foreign = senders.find(sender => sender !== '' && !maySendAs(account, sender));
  if (foreign === undefined) return;
  const sentence = `The account ${account.name} may not send as ${foreign}.`;
  throw new AppError('sender_not_allowed', sentence, { field: 'from' });
}

/** When the message is due, and when it is given up; epoch ms. */
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

/** The gate's limits, or an account's own where those are tighter: no waiting brings more than a whole window has. */
export function limitedBy({ limits }: Account, policy: SubmitPolicy): SubmitPolicy {
  const own = Object.values(limits).filter(max => max !== undefined);
  return { ...policy, maxRecipients: Math.min(policy.maxRecipients, ...own) };
}

export function checkRecipients({ recipients }: Envelope, { maxRecipients }: SubmitPolicy): void {
  if (recipients.length === 0) throw invalidField('to', 'there is no recipient');
  if (recipients.length > maxRecipients) {
    const sentence = `There are ${recipients.length} recipients; at most ${maxRecipients} are accepted.`;
    throw new AppError('too_many_recipients', sentence, { field: 'to' });
  }
}

/** A header of megabytes is nobody's subject, and what servers on the way do with it nobody knows. */
export function checkSubject({ body }: Submission): void {
  if (body.kind !== 'content' || !isSubjectTooLong(body.content.subject)) return;
  throw invalidField('subject', `is longer than ${MAX_SUBJECT_LENGTH} characters`);
}

/** The composed message, not the request, is what the limit is about: the gate's, or the API's where that is tighter. */
export function checkSize(mime: Buffer, { maxMessageBytes }: SubmitPolicy, maxBytes = maxMessageBytes): void {
  const limit = Math.min(maxMessageBytes, maxBytes);
  if (mime.length <= limit) return;
  const sentence = `The message has ${mime.length} bytes; at most ${limit} are accepted.`;
  throw new AppError('too_large', sentence);
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000);
}
