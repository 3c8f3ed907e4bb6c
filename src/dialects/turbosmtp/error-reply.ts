import type { AppError, ErrorCode } from '../../core/errors.ts';
import type { DialectReply, DialectRequest } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { json } from '../json-reply.ts';
import { refusalHeaders } from '../refusal-headers.ts';
import { V1, versionOf } from './api-version.ts';
import type { NamedKey } from './credential.ts';

export interface ErrorContext {
  /** The status that version 1 uses instead of 400. */
  readonly v1ErrorStatus: number;
  /** Finds the credential of a request. */
  readonly credential: (request: DialectRequest) => NamedKey | undefined;
}

/** Error codes that always have the same text in this API. */
const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  too_large: 'message too large',
  unavailable: 'SERVER_UNAVAILABLE',
  internal: 'SERVER_ERROR',
};

/** Formats errors as a list of sentences. Errors about the credential have another format. */
export function createFormatError(context: ErrorContext) {
  return (error: AppError, request: DialectRequest): DialectReply => {
    const { code } = error;
    const headers = refusalHeaders(error);
    if (code === 'unauthenticated' || code === 'account_inactive') {
      // RFC 9110, section 15.5.2, requires a challenge. This API does not accept the scheme Bearer.
      const challenge = { ...headers, 'www-authenticate': 'turboSMTP' };
      return json(STATUS[code], credentialError(code, context.credential(request)), challenge);
    }
    const isV1 = versionOf(request.path) === V1;
    const status = STATUS[code] === 400 && isV1 ? context.v1ErrorStatus : STATUS[code];
    return json(status, { message: 'error', errors: sentencesOf(error) }, headers);
  };
}

function credentialError(
  code: 'unauthenticated' | 'account_inactive',
  presented: NamedKey | undefined,
): object {
  if (presented === undefined) {
    return {
      errorCode: 3,
      message: 'Invalid authorization token',
      // Version 2 has the same text, with this path: its clients compare it.
      details: `No authorization key was specified for request: POST ${V1.path}`,
    };
  }
  return code === 'unauthenticated'
    ? { errorCode: 3, message: 'Wrong credentials specified' }
    : { errorCode: 2, message: `Account for ${presented.user} is inactive` };
}

function sentencesOf({ code, message, details }: AppError): readonly string[] {
  const fixed = SENTENCES[code];
  if (fixed !== undefined) return [fixed];
  const { problems = [] } = details;
  if (problems.length === 0) return [message];
  return problems.map(problem =>
    problem.field === '' ? problem.message : `${problem.field}: ${problem.message}`,
  );
}
