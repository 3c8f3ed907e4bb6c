import type { ErrorCode } from '../core/errors.ts';

/** The HTTP status of each error code. Some APIs use another status for some codes. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  malformed: 400,
  invalid: 400,
  unauthenticated: 401,
  account_inactive: 401,
  forbidden: 403,
  sender_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  too_large: 413,
  too_many_recipients: 400,
  all_suppressed: 400,
  unsupported: 415,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};
