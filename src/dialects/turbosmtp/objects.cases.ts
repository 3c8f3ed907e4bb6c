import { GOOD_KEY, type GoldenCase } from '../../../test/suites/dialect.ts';
import type { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import type { Attachment, HeaderField } from '../../core/message.ts';
import type { Submission } from '../../core/submission.ts';

// Parts of the golden cases of turboSMTP.

export const V1 = '/api/mail/send';
export const V2 = '/api/v2/mail/send';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const JSON_LABEL = { 'content-type': 'application/json' };
/** The credentials of the account in the suite. */
export const CREDENTIALS = { authuser: 'default', authpass: GOOD_KEY };
export const NO_CREDENTIALS = { authuser: '', authpass: '' };

const REPLY_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
const MIB = 1024 * 1024;

/** The fields of a valid message, as JSON and as a form. */
export const GOOD = { from: 'shop@sender.test', to: 'ada@rcpt.test' };
export const FORM_GOOD = 'from=shop@sender.test&to=ada@rcpt.test';

const mailbox = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};

interface Expected {
  readonly from?: string;
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly replyTo?: readonly string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers?: readonly HeaderField[];
  readonly attachments?: readonly Attachment[];
  readonly date?: number;
  readonly messageId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ignoredHeaders?: readonly string[];
}

/** The submission of a message. Absent fields are as in GOOD, or empty. */
export function submission(expected: Expected = {}, maxBytes = 4 * MIB): Submission {
  const { from = GOOD.from, to = [GOOD.to], cc = [], bcc = [], replyTo = [], subject = '' } = expected;
  const { text, html, headers = [], attachments = [], date, messageId, metadata, ignoredHeaders } = expected;
  const recipients = [...to, ...cc, ...bcc].map(item => mailbox(item).address);
  return {
    dialect: 'turbosmtp',
    envelope: { sender: mailbox(from).address, recipients: [...new Set(recipients)] },
    body: {
      kind: 'content',
      content: {
        from: mailbox(from),
        to: to.map(mailbox),
        cc: cc.map(mailbox),
        replyTo: replyTo.map(mailbox),
        subject,
        headers,
        attachments,
        ...(text !== undefined && { text }),
        ...(html !== undefined && { html }),
      },
      ...(date !== undefined && { date }),
      ...(messageId !== undefined && { messageId }),
    },
    maxBytes,
    ...(metadata && { metadata }),
    ...(ignoredHeaders && { notes: { ignoredHeaders } }),
  };
}

/** The submission of a message in version 2. */
export const submission2 = (expected: Expected = {}): Submission => submission(expected, 24 * MIB);

interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | object;
}

function requestOf({ url = V1, method = 'POST', headers = {}, body }: Sent): GoldenCase['request'] {
  const isPlain = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = isPlain ? body : JSON.stringify(body);
  return { method, url, headers, ...(payload !== undefined && { body: payload }) };
}

/** An accepted request, and its submission. The number in the reply is the id 0123456789abc in decimal. */
export function accepts(name: string, sent: Sent, expected: Submission): GoldenCase {
  return {
    name: `accepts ${name}`,
    request: requestOf(sent),
    asks: { operation: 'submit', input: expected },
    output: { id: '0123456789abc', messageIdHeader: '<x@y.z>', replayed: false, recipients: [] },
    reply: {
      status: 200,
      headers: REPLY_HEADERS,
      body: Buffer.from('{"message":"OK","mid":38390726480144748}'),
    },
  };
}

/** A request that is refused with a list of errors. */
export function refuses(
  name: string,
  sent: Sent,
  errors: readonly string[],
  { status = 400, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): GoldenCase {
  return {
    name: `refuses ${name}`,
    request: requestOf(sent),
    reply: {
      status,
      headers: { ...REPLY_HEADERS, ...headers },
      body: Buffer.from(JSON.stringify({ message: 'error', errors })),
    },
  };
}

/** A request without a valid credential. */
export function unauthenticated(name: string, sent: Sent, body: string): GoldenCase {
  return {
    name: `refuses ${name}`,
    request: requestOf(sent),
    reply: {
      status: 401,
      headers: { ...REPLY_HEADERS, 'www-authenticate': 'turboSMTP' },
      body: Buffer.from(body),
    },
  };
}

/** The operation and its input for the message GOOD. */
export function asksFor(url: string): NonNullable<GoldenCase['asks']> {
  return { operation: 'submit', input: url === V1 ? submission() : submission2() };
}

/** A valid request that the operation refuses. */
export function refusesFromGate(
  name: string,
  error: AppError,
  text: string,
  reply: { status: number; headers?: Readonly<Record<string, string>> },
  url = V1,
): GoldenCase {
  return {
    ...refuses(name, { url, body: GOOD }, [text], reply),
    asks: asksFor(url),
    output: error,
  };
}

/** A body of `multipart/form-data`, each part with its own header lines. */
export function multipart(...parts: readonly (readonly [header: string, body: string | Buffer])[]) {
  const pieces = parts.flatMap(([header, body]) => [
    Buffer.from(`--frontier\r\nContent-Disposition: form-data; ${header}\r\n\r\n`),
    Buffer.from(body as string),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': 'multipart/form-data; boundary=frontier' },
    body: Buffer.concat([...pieces, Buffer.from('--frontier--\r\n')]),
  };
}
