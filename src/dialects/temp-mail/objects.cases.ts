import { GOOD_PASSWORD, GOOD_TOKEN, type GoldenCase } from '../../../test/suites/dialect.ts';
import type { TempMailMessage } from '../../operations/temp-mail-operations.ts';

/** The header fields of every reply of temp-mail. */
const ALWAYS = { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' };
const TEXT = { ...ALWAYS, 'content-type': 'text/plain;charset=UTF-8' };
const JSON_HEADERS = { ...ALWAYS, 'content-type': 'application/json', 'cache-control': 'no-store' };

export const ADMIN = { authorization: '', 'x-admin-auth': GOOD_PASSWORD };
export const ANYBODY = { authorization: '' };
export const CHINESE = { 'x-lang': 'zh' };

/** The routes that send messages and create addresses. */
export const SEND = 'POST /api/send_mail';
export const EXTERNAL = 'POST /external/api/send_mail';
export const CREATE = 'POST /api/new_address';
export const NOTHING: Record<string, never> = {};

type Headers = Readonly<Record<string, string>>;
type Asks = NonNullable<GoldenCase['asks']>;

/** A request with a valid JWT, unless its headers replace it. `at` is the method and the URL. */
function request(at: string, body: unknown, headers: Headers): GoldenCase['request'] {
  const [method = '', url = ''] = at.split(' ');
  return {
    method,
    url,
    headers: { authorization: `Bearer ${GOOD_TOKEN}`, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

/** An accepted request, and the text of its reply. */
export function accepts(
  name: string,
  at: string,
  reply: string,
  { body, headers = {}, asks, output }: { body?: unknown; headers?: Headers; asks: Asks; output?: unknown },
): GoldenCase {
  return {
    name: `accepts ${name}`,
    request: request(at, body, headers),
    asks,
    output,
    reply: { status: 200, headers: reply === 'OK' ? TEXT : JSON_HEADERS, body: reply },
  };
}

/** A refused request. The error is one line of text. */
export function refuses(
  name: string,
  at: string,
  [status, line]: readonly [status: number, line: string],
  {
    body,
    headers = {},
    asks,
    output,
    sent = {},
  }: { body?: unknown; headers?: Headers; asks?: Asks; output?: unknown; sent?: Headers } = {},
): GoldenCase {
  const challenge: Headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return {
    name: `refuses ${name}`,
    request: request(at, body, headers),
    ...(asks && { asks }),
    output,
    reply: { status, headers: { ...TEXT, ...challenge, ...sent }, body: line },
  };
}

/** A message with all fields, as the body of a request and as the input of the operation. */
export const MESSAGE = {
  from_name: 'Me',
  to_name: 'You',
  to_mail: 'you@example.com',
  subject: 'Hello',
  content: 'Text',
  is_html: false,
};
export const ASKED: TempMailMessage = {
  fromName: 'Me',
  toName: 'You',
  toMail: 'you@example.com',
  subject: 'Hello',
  content: 'Text',
  isHtml: false,
};

export function sends(changes: Partial<TempMailMessage> = {}): Asks {
  return { operation: 'tempMailSend', input: { ...ASKED, ...changes } };
}
