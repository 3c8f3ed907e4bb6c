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
  connect: 'The connection failed',
  greeting: 'The server sent no greeting',
  tls: 'The connection could not be encrypted',
  ehlo: 'The server did not accept EHLO',
  auth: 'The server did not accept the credentials',
  noop: 'The server did not accept NOOP',
  directory: 'The directory cannot be used',
  mail: 'Test mail',
};

/** Returns 204 if the settings are valid, or else the stage that failed with its reason. */
export function checkReply({ ok, stages }: CheckReport): DialectReply {
  if (ok) return { status: 204 };
  const failed = stages.at(-1);
  if (failed === undefined) throw new Error('A failed check report has no stage');
  const { stage, detail } = failed;
  return json(400, { message: `${FAILED[stage]}: ${detail.replace(/\.$/, '')}.`, stage });
}

/** The error body `{"message","errors"}`. `errors` has the sentences for each invalid field, and can be empty. */
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
