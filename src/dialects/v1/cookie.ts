import type { Credential, DialectRequest } from '../dialect.ts';

const NAME = 'postern_session';
const VALUE = new RegExp(`(?:^|;)\\s*${NAME}=([^;\\s]*)`);

/** The session in the cookie of a request, with the CSRF token of its header; undefined when there is none. */
export function sessionOf({
  headers,
  method,
}: DialectRequest): Extract<Credential, { kind: 'session' }> | undefined {
  const token = VALUE.exec(headers['cookie'] ?? '')?.[1];
  const csrf = headers['x-csrf-token'];
  if (token === undefined || token === '') return undefined;
  const isReading = method === 'GET' || method === 'HEAD';
  return { kind: 'session', token, isReading, ...(csrf !== undefined && { csrf }) };
}

/** The header that gives a browser its session, or takes it away. */
export function setCookie(token: string | undefined, isSecure: boolean): Record<string, string> {
  // The session itself ends in time: without Max-Age the cookie ends with the browser, if that comes first.
  const end = token === undefined ? '; Max-Age=0' : '';
  const secure = isSecure ? '; Secure' : '';
  return { 'set-cookie': `${NAME}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${secure}${end}` };
}
