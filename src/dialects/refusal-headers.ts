import type { AppError } from '../core/errors.ts';
import { STATUS } from './http-status.ts';

/** The header fields that HTTP requires with an error: Retry-After, Allow, WWW-Authenticate. */
export function refusalHeaders({ code, details }: AppError): Readonly<Record<string, string>> {
  return {
    ...(details.retryAfterSeconds !== undefined && { 'retry-after': String(details.retryAfterSeconds) }),
    ...(details.allow !== undefined && { allow: details.allow.join(', ') }),
    ...(STATUS[code] === 401 && { 'www-authenticate': 'Bearer' }),
  };
}
