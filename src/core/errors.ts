/**
 * The caller's mistakes, and the refusals every dialect must be able to say. The set is closed: a dialect maps it
 * with `Record<ErrorCode, …>`, so the compiler finds the code that has no words yet.
 */
export type ErrorCode =
  | 'malformed' // the request is not in its format at all (JSON, form, MIME)
  | 'invalid' // a field is missing or wrong; `problems` names each
  | 'unauthenticated' // no credential, or a wrong one
  | 'account_inactive' // the credential is good, its account was disabled
  | 'forbidden' // the credential is good but does not cover this
  | 'sender_not_allowed' // the account may not send as this address
  | 'not_found' // no such thing, or another account's
  | 'method_not_allowed'
  | 'conflict' // the state of the thing does not allow it, or the idempotency key is taken
  | 'gone' // it was there, and retention has removed it
  | 'too_large' // body or composed message over the limit
  | 'too_many_recipients'
  | 'all_suppressed' // every recipient is on the suppression list
  | 'unsupported' // a Content-Encoding or other form we do not read
  | 'rate_limited' // rate or quota of the account; `retryAfterSeconds` says when
  | 'unavailable' // the store cannot take it now, nothing was accepted
  | 'internal'; // a bug of ours

/** One thing wrong with a request: the field as the caller knows it, and a sentence. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** A finer word for refusals that an API has a sentence of its own for. */
export type RefusalReason =
  | 'no-balance' // temp-mail: the address has nothing left to send with
  | 'blocked' // temp-mail: the recipient is on the block list
  | 'quota-day' // temp-mail: the whole gate's quota
  | 'quota-month'
  | 'no-provider' // no enabled provider serves the sender's domain
  | 'rejected' // the provider refused it for good while the caller waited
  | 'bad-line-ends' // bare CR, bare LF or NUL in raw mail
  | 'loop' // raw mail that has passed too many servers
  | 'switched-off' // the operator has not switched this API on
  | 'target-refused'; // a host or port that callers may not name

export interface AppErrorDetails {
  /** The one field at fault; absent when it is the whole request or several. */
  readonly field?: string;
  /** Every problem found, in the order of the fields; at least one for `invalid`. */
  readonly problems?: readonly Problem[];
  /** Absent: nothing finer is to be said than the code says. */
  readonly reason?: RefusalReason;
  /** For `rate_limited` and `unavailable`. */
  readonly retryAfterSeconds?: number;
  /** For `method_not_allowed`: the methods that are. */
  readonly allow?: readonly string[];
}

/** A mistake of the caller's or a refusal of ours, to be said in the words of the dialect that asked. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: AppErrorDetails;

  constructor(code: ErrorCode, sentence: string, details: AppErrorDetails = {}) {
    super(sentence);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** An `invalid` error about one field; what is wrong with it is a phrase without capital and full stop: `is missing`. */
export function invalidField(field: string, message: string, reason?: RefusalReason): AppError {
  const problems = [{ field, message }];
  return new AppError('invalid', `${field}: ${message}`, { field, problems, ...(reason && { reason }) });
}

/** Anything that is not an AppError is a bug; callers see only that there was one. */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', 'Internal error');
}
