import { AppError } from '../../core/errors.ts';
import type { Credential, DialectRequest } from '../dialect.ts';
import type { Version } from './api-version.ts';
import { type Fields, textOf } from './values.ts';

/** A key with the name of the account whose it must be. */
export type NamedKey = Extract<Credential, { kind: 'key' }> & { readonly user: string };

/**
 * The credential of a request: in its header, else in its body, else (version 1) in its query. While its body is still
 * to be read the query is not asked, since the body goes first.
 */
export function findCredential(
  version: Version,
  request: DialectRequest,
  fieldsOf: (request: DialectRequest) => Fields,
): NamedKey | undefined {
  const { headers, query } = request;
  const pairs = version.headerPairs.map(([user, key]) => named(headers[user], headers[key]));
  const inHeader = pairs.find(pair => pair !== undefined);
  if (inHeader !== undefined || isBodyAhead(request)) return inHeader;
  const fields = readable(request, fieldsOf);
  const inBody = named(textOf(fields['authuser']), textOf(fields['authpass']));
  if (inBody !== undefined || !version.mayBeInQuery) return inBody;
  return named(query.get('authuser') ?? '', query.get('authpass') ?? '');
}

function isBodyAhead({ headers, body }: DialectRequest): boolean {
  const isAnnounced =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return isAnnounced && body.length === 0;
}

/** The fields of a body; one that cannot be read holds no credential, and its fault is no stranger's business. */
function readable(request: DialectRequest, fieldsOf: (request: DialectRequest) => Fields): Fields {
  try {
    return fieldsOf(request);
  } catch (error) {
    if (error instanceof AppError) return {};
    throw error;
  }
}

function named(user: string | undefined, key: string | undefined): NamedKey | undefined {
  if (user === undefined || user === '' || key === undefined || key === '') return undefined;
  return { kind: 'key', user, key };
}
