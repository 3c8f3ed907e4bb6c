import { AppError } from '../core/errors.ts';
import type { Credential } from './dialect.ts';

/** The key in an Authorization header: the Bearer token or the Basic password. Undefined without the header. */
export function keyOfAuthorization(header: string | undefined): Credential | undefined {
  if (header === undefined) return undefined;
  const [, scheme, token] = /^([a-z]+) +([A-Za-z0-9._~+/=-]+) *$/i.exec(header) ?? [];
  if (token !== undefined && scheme?.toLowerCase() === 'bearer') return { kind: 'key', key: token };
  if (token !== undefined && scheme?.toLowerCase() === 'basic') return keyOfBasic(token);
  throw new AppError('unauthenticated', 'The Authorization header is neither "Bearer <key>" nor Basic.');
}

function keyOfBasic(token: string): Credential {
  // RFC 7617, section 2: the user name ends at the first colon. It is ignored, because the key identifies the account.
  const [, key] = /^[^:]*:(.*)$/s.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
  if (key !== undefined) return { kind: 'key', key };
  throw new AppError('unauthenticated', 'The Basic credential is not "user:key" in base64.');
}
