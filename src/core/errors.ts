/**
 * Errors of the caller, and refusals that every dialect can express. The set is closed. A dialect maps it with
 * `Record<ErrorCode, …>`, so the compiler reports a code that has no mapping.
 */
export type ErrorCode =
  | 'malformed' // the request does not have its format (JSON, form, MIME)
  | 'invalid' // a field is missing or wrong; `problems` names each field
  | 'unauthenticated' // no credential, or a wrong one
  | 'account_inactive' // the credential is valid, but its account is disabled
  | 'forbidden' // the credential is valid, but does not permit this
  | 'sender_not_allowed' // the account may not send as this address
  | 'not_found' // it does not exist, or it belongs to another account
  | 'method_not_allowed'
  | 'conflict' // the current state does not allow it, or the idempotency key is in use
  | 'gone' // retention has removed it
  | 'too_large' // the body or the composed message is over the limit
  | 'too_many_recipients'
  | 'all_suppressed' // every recipient is on the suppression list
  | 'unsupported' // a Content-Encoding or another format that the gate does not read
  | 'rate_limited' // a rate limit or a quota is used up; `retryAfterSeconds` says when to try again
  | 'unavailable' // the store does not work or has no capacity; nothing was accepted
  | 'internal'; // a bug in the gate

/** One problem of a request: the field, named as the caller sent it, and a sentence. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** The detailed reason of a refusal. Some APIs have their own text for it. */
export type RefusalReason =
  | 'no-balance' // temp-mail: the balance of the address is used up
  | 'blocked' // temp-mail: the recipient is on the block list
  | 'quota-day' // temp-mail: the quota of the whole gate is used up
  | 'quota-month'
  | 'no-provider' // no enabled provider serves the sender's domain
  | 'rejected' // the provider refused the message permanently while the caller waited
  | 'bad-line-ends' // bare CR, bare LF or NUL in raw mail
  | 'loop' // raw mail with too many Received fields
  | 'switched-off' // the operator has not enabled this API
  | 'target-refused'; // callers may not name this host or port

export interface AppErrorDetails {
  /** The field that is wrong; absent when several fields or the whole request are wrong. */
  readonly field?: string;
  /** All problems, in the order of the fields; at least one for `invalid`. */
  readonly problems?: readonly Problem[];
  /** Absent: the code says everything. */
  readonly reason?: RefusalReason;
  /** For `rate_limited` and `unavailable`. */
  readonly retryAfterSeconds?: number;
  /** For `method_not_allowed`: the methods that are allowed. */
  readonly allow?: readonly string[];
}

/** An error of the caller, or a refusal. The dialect of the request writes it in its own format. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: AppErrorDetails;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** Creates an `invalid` error about one field. `message` is a phrase without capital and full stop, such as `is missing`. */
export function invalidField(field: string, message: string, reason?: RefusalReason): AppError {
  const problems = [{ field, message }];
  return new AppError('invalid', `${field}: ${message}`, { field, problems, ...(reason && { reason }) });
}

/** Returns an AppError as it is. All other errors are bugs: callers see only "Internal error". */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', 'Internal error');
}
