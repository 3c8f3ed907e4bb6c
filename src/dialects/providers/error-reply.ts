import type { AppError } from '../../core/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import type { DialectReply } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { json } from '../json-reply.ts';
import { refusalHeaders } from '../refusal-headers.ts';

type CheckReport = Operations['checkProvider']['output'];
type Stage = CheckReport['stages'][number]['stage'];

const FAILED: Readonly<Record<Stage, string>> = {
  dns: 'The host name could not be resolved',
  connect: 'No connection could be made',
  greeting: 'The server did not greet',
  tls: 'No encrypted connection could be made',
  ehlo: 'The server did not answer EHLO as it should',
  auth: 'The server did not accept the credentials',
  noop: 'The server did not answer NOOP as it should',
  directory: 'The directory cannot be used',
  mail: 'Test mail',
};

/** Nothing at all when the settings are valid, else the stage that failed and why. */
export function sayCheck({ ok, stages }: CheckReport): DialectReply {
  if (ok) return { status: 204 };
  const failed = stages.at(-1);
  if (failed === undefined) throw new Error('A check that failed says at which stage');
  const { stage, detail } = failed;
  return json(400, { message: `${FAILED[stage]}: ${detail.replace(/\.$/, '')}.`, stage });
}

/** `{"message","errors"}`: under the name of each field at fault its sentences; an empty object where none is. */
export function sayError(error: AppError): DialectReply {
  const { problems = [], field } = error.details;
  const errors: Record<string, string[]> = {};
  for (const { field: name, message } of problems) {
    errors[name] ??= [];
    errors[name].push(`${name} ${message}.`);
  }
  if (problems.length === 0 && field !== undefined) errors[field] = [error.message];
  return json(STATUS[error.code], { message: error.message, errors }, refusalHeaders(error));
}
