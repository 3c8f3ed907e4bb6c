/**
 * The caller's mistakes, and the refusals every dialect must be able to say. The set is closed: a dialect maps it
 * with `Record<ErrorCode, …>`, so the compiler finds the code that has no words yet.
 */
export type ErrorCode =
  | 'malformed' // the request is not in its format at all (JSON, form, MIME)
  | 'invalid' // a field is missing or wrong; `problems` names each
  | 'unauthenticated' // no credential, or a wrong one
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

export interface AppErrorDetails {
  /** The one field at fault; absent when it is the whole request or several. */
  readonly field?: string;
  /** Every problem found, in the order of the fields; at least one for `invalid`. */
  readonly problems?: readonly Problem[];
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
export function invalidField(field: string, message: string): AppError {
  return new AppError('invalid', `${field}: ${message}`, { field, problems: [{ field, message }] });
}

/** Anything that is not an AppError is a bug; callers see only that there was one. */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', 'Internal error');
}
