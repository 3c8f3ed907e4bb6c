import type { AppError, ErrorCode } from '../../core/errors.ts';
import type { DirectFailure, DirectResult } from '../../operations/direct-send-operations.ts';
import type { DialectReply } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { refusalHeaders } from '../refusal-headers.ts';

const HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
/** The challenge of a 401, also of a 401 from the caller's SMTP server. Browsers know the scheme Basic. */
const CHALLENGE = { 'www-authenticate': 'Basic realm="SMTP server", charset="UTF-8"' };

const CODES: Readonly<Record<ErrorCode, string>> = {
  malformed: 'MALFORMED',
  invalid: 'INVALID',
  unauthenticated: 'UNAUTHENTICATED',
  account_inactive: 'ACCOUNT_INACTIVE',
  forbidden: 'FORBIDDEN',
  sender_not_allowed: 'SENDER_NOT_ALLOWED',
  not_found: 'NOT_FOUND',
  method_not_allowed: 'METHOD_NOT_ALLOWED',
  conflict: 'CONFLICT',
  gone: 'GONE',
  too_large: 'TOO_LARGE',
  too_many_recipients: 'TOO_MANY_RECIPIENTS',
  all_suppressed: 'ALL_SUPPRESSED',
  unsupported: 'UNSUPPORTED',
  rate_limited: 'RATE_LIMITED',
  unavailable: 'UNAVAILABLE',
  internal: 'INTERNAL',
};

const REASONS: { readonly [K in NonNullable<AppError['details']['reason']>]?: string } = {
  'switched-off': 'DISABLED',
  'target-refused': 'TARGET_REFUSED',
};

const FAILURES: Readonly<Record<DirectFailure['kind'], { status: number; code: string }>> = {
  'bad-credentials': { status: 401, code: 'BAD_CREDENTIALS' },
  refused: { status: 502, code: 'REFUSED' },
  'too-slow': { status: 504, code: 'TOO_SLOW' },
  unknown: { status: 502, code: 'UNKNOWN_OUTCOME' },
};

/** Formats a result as Nodemailer's `sendMail` returns it, with the message that clients compare. Formats a failure as an error. */
export function formatOutcome(outcome: DirectResult | DirectFailure): DialectReply {
  return 'kind' in outcome ? formatFailure(outcome) : formatResult(outcome);
}

function formatResult(result: DirectResult): DialectReply {
  const { envelope } = result;
  const info = {
    accepted: result.accepted,
    rejected: result.rejected,
    ehlo: result.ehlo,
    envelopeTime: result.envelopeMs,
    messageTime: result.messageMs,
    messageSize: result.size,
    response: result.response,
    envelope: { from: envelope.sender, to: envelope.recipients },
    messageId: result.messageIdHeader,
  };
  return json(200, { message: 'Email sent successfully', info });
}

function formatFailure({ kind, sentence, response, timedOut }: DirectFailure): DialectReply {
  const { status, code } = FAILURES[kind];
  const body = { message: sentence, code, ...(response !== undefined && { response }) };
  return json(timedOut ? 504 : status, body, kind === 'bad-credentials' ? CHALLENGE : {});
}

/** Formats an error as an object. Clients show its `message`. */
export function sayError(error: AppError): DialectReply {
  const { code, message, details } = error;
  const reasonCode = details.reason === undefined ? undefined : REASONS[details.reason];
  return json(
    STATUS[code],
    { message, code: reasonCode ?? CODES[code] },
    {
      ...refusalHeaders(error),
      ...(STATUS[code] === 401 && CHALLENGE),
    },
  );
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): DialectReply {
  return { status, headers: { ...HEADERS, ...headers }, body: JSON.stringify(body) };
}
