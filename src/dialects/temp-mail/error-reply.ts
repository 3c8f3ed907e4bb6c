import type { AppError, ErrorCode } from '../../core/errors.ts';
import { refusalOfReason, TempMailError, type TempMailRefusal } from '../../core/temp-mail-refusal.ts';
import type { DialectReply, DialectRequest } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { refusalHeaders } from '../refusal-headers.ts';
import { creationFailed, refusalText } from './refusal-text.ts';

const SEND_PATHS = ['/api/send_mail', '/external/api/send_mail'];
const CREATION_PATHS = ['/api/new_address', '/admin/new_address'];
/** Refusals without the prefix `Failed to send mail `, also on the paths that send. */
const WITHOUT_SEND_PREFIX: readonly TempMailRefusal[] = [
  'site-password',
  'admin-password',
  'credential',
  'not-found',
  'input',
];
const CREATION_REFUSALS: readonly TempMailRefusal[] = [
  'domain',
  'name-too-short',
  'name-too-long',
  'address',
  'address-exists',
];
/** The status of errors on the paths that send. Other errors there are 400. */
const SENDING_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};

/** Formats an error as one line of text, without a line break at its end. */
export function sayError(original: AppError, request: DialectRequest): DialectReply {
  const error = translate(original, request.path);
  const refusal = error instanceof TempMailError ? error.refusal : undefined;
  const text = error instanceof TempMailError ? refusalText(error, request) : error.message;
  const status = statusOf(error, refusal, request.path);
  return {
    status,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...headersOf(original, status) },
    body: `${prefixOf(refusal, request)}${text}`.replace(/[\r\n]+/g, ' '),
  };
}

/** Maps an error of the gate to an error of this API, if the API has one for it. */
function translate(error: AppError, path: string): AppError {
  if (error instanceof TempMailError) return error;
  const byReason = refusalOfReason(error.details.reason);
  if (byReason !== undefined) return new TempMailError(byReason);
  if (error.code === 'unauthenticated') return new TempMailError(credentialOf(path));
  if (error.code === 'not_found' || error.code === 'method_not_allowed')
    return new TempMailError('not-found');
  return error.code === 'malformed' ? new TempMailError('input') : error;
}

/** The error for a missing or wrong credential of a path. */
function credentialOf(path: string): TempMailRefusal {
  if (path.startsWith('/admin/')) return 'admin-password';
  return path.startsWith('/external/') ? 'token' : 'credential';
}

function statusOf(error: AppError, refusal: TempMailRefusal | undefined, path: string): number {
  if (refusal === 'token' || error.details.reason !== undefined) return 400;
  const isAboutMail = isSending(path) && (refusal === undefined || !WITHOUT_SEND_PREFIX.includes(refusal));
  return isAboutMail ? (SENDING_STATUS[error.code] ?? 400) : STATUS[error.code];
}

function prefixOf(refusal: TempMailRefusal | undefined, request: DialectRequest): string {
  const { path } = request;
  if (SEND_PATHS.includes(path)) {
    return refusal !== undefined && WITHOUT_SEND_PREFIX.includes(refusal) ? '' : 'Failed to send mail ';
  }
  const isAboutCreation = refusal !== undefined && CREATION_REFUSALS.includes(refusal);
  return isAboutCreation && CREATION_PATHS.includes(path) ? creationFailed(request) : '';
}

function isSending(path: string): boolean {
  return SEND_PATHS.includes(path) || path === '/admin/send_mail';
}

/** A 400 has no Retry-After, and no challenge, because its credential is in the body. */
function headersOf(error: AppError, status: number): Readonly<Record<string, string>> {
  const { 'retry-after': _, 'www-authenticate': __, ...plain } = refusalHeaders(error);
  return status === 400 ? plain : refusalHeaders(error);
}
