import { AppError, asAppError, type ErrorCode, type RefusalReason } from '../core/errors.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** The step of a session at which something was refused. */
export type Stage = 'auth' | 'mail' | 'rcpt' | 'dot';

/** Returns the reply to a refusal: its code and its text. For a bug, the text says only that there was one. */
export function refusalReply(error: unknown, stage: Stage): SmtpReply {
  const { code, details, message } = asAppError(error);
  const ofReason = details.reason === undefined ? undefined : BY_REASON[details.reason];
  const [number, enhanced] = BY_STAGE[stage][code] ?? ofReason ?? BY_CODE[code];
  return reply(number, enhanced, message);
}

/** Returns true for an error that is a bug of the gate. */
export function isBug(error: unknown): boolean {
  return !(error instanceof AppError) || error.code === 'internal';
}

type Codes = readonly [code: number, enhanced: string];

const BY_CODE: Readonly<Record<ErrorCode, Codes>> = {
  malformed: [554, '5.6.0'],
  invalid: [554, '5.6.0'],
  unauthenticated: [535, '5.7.8'],
  account_inactive: [525, '5.7.13'],
  forbidden: [550, '5.7.1'],
  sender_not_allowed: [550, '5.7.1'],
  not_found: [550, '5.1.1'],
  method_not_allowed: [502, '5.5.1'],
  conflict: [554, '5.5.0'],
  gone: [554, '5.5.0'],
  too_large: [552, '5.3.4'],
  too_many_recipients: [452, '4.5.3'],
  all_suppressed: [550, '5.7.1'],
  unsupported: [554, '5.6.1'],
  rate_limited: [452, '4.7.1'],
  unavailable: [451, '4.3.0'],
  internal: [451, '4.3.0'],
};

const BY_REASON: Readonly<Partial<Record<RefusalReason, Codes>>> = {
  'no-balance': [550, '5.7.1'],
  blocked: [550, '5.7.1'],
  'bad-line-ends': [550, '5.6.11'],
  loop: [554, '5.4.6'],
};

const BY_STAGE: Readonly<Record<Stage, Readonly<Partial<Record<ErrorCode, Codes>>>>> = {
  // RFC 4954 6: 454 means that the same credential may work later, 535 that it will not.
  auth: { forbidden: [535, '5.7.8'], rate_limited: [454, '4.7.0'], unavailable: [454, '4.7.0'] },
  mail: { sender_not_allowed: [553, '5.7.1'], invalid: [553, '5.1.8'] },
  rcpt: { invalid: [553, '5.1.3'] },
  // At the dot it is too late: the client cannot send to the other recipients in another transaction.
  dot: { too_many_recipients: [554, '5.5.3'] },
};
