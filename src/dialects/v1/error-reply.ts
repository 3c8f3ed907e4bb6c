import type { AppError } from '../../core/errors.ts';
import type { DialectReply } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { json } from '../json-reply.ts';
import { refusalHeaders } from '../refusal-headers.ts';

/** `{"error":{"code","message","problems"}}`, with the header fields that go with the status. */
export function sayError(error: AppError): DialectReply {
  return json(STATUS[error.code], { error: errorBody(error) }, refusalHeaders(error));
}

/** The object that tells of one error, also within a batch. `problems` is empty where no field is at fault. */
export function errorBody(error: AppError): object {
  return { code: error.code, message: error.message, problems: error.details.problems ?? [] };
}
