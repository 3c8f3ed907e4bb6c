import { AppError } from '../../core/errors.ts';
import type { Credential, DialectRequest } from '../dialect.ts';
import type { Version } from './api-version.ts';
import { type Fields, textOf } from './values.ts';

/** A key with the name of its account. */
export type NamedKey = Extract<Credential, { kind: 'key' }> & { readonly user: string };

/**
 * Finds the credential of a request in its headers, in its body or, only in version 1, in its query, in this order. Before
 * the body was read it does not use the query, because the body comes first.
 */
export function findCredential(
  version: Version,
  request: DialectRequest,
  fieldsOf: (request: DialectRequest) => Fields,
): NamedKey | undefined {
  const { headers, query } = request;
  const pairs = version.headerPairs.map(([user, key]) => namedKey(headers[user], headers[key]));
  const inHeader = pairs.find(pair => pair !== undefined);
  if (inHeader !== undefined || isBodyPending(request)) return inHeader;
  const fields = readableFields(request, fieldsOf);
  const inBody = namedKey(textOf(fields['authuser']), textOf(fields['authpass']));
  if (inBody !== undefined || !version.mayBeInQuery) return inBody;
  return namedKey(query.get('authuser') ?? '', query.get('authpass') ?? '');
}

function isBodyPending({ headers, body }: DialectRequest): boolean {
  const isAnnounced =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return isAnnounced && body.length === 0;
}

/** The fields of a body; none if the body is malformed. A caller without a credential must not learn what is malformed. */
function readableFields(request: DialectRequest, fieldsOf: (request: DialectRequest) => Fields): Fields {
  try {
    return fieldsOf(request);
  } catch (error) {
    if (error instanceof AppError) return {};
    throw error;
  }
}

function namedKey(user: string | undefined, key: string | undefined): NamedKey | undefined {
  if (user === undefined || user === '' || key === undefined || key === '') return undefined;
  return { kind: 'key', user, key };
}
