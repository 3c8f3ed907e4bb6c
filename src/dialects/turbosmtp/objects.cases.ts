import { GOOD_KEY, type GoldenCase } from '../../../test/suites/dialect.ts';
import type { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import type { Attachment, HeaderField } from '../../core/message.ts';
import type { Submission } from '../../core/submission.ts';

// What the golden cases of turboSMTP are made of.

export const V1 = '/api/mail/send';
export const V2 = '/api/v2/mail/send';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const JSON_LABEL = { 'content-type': 'application/json' };
/** Those of the suite's account. */
export const CREDENTIALS = { authuser: 'default', authpass: GOOD_KEY };
export const NO_CREDENTIALS = { authuser: '', authpass: '' };

const REPLY_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
const MIB = 1024 * 1024;

/** Fields of a message that is good as it is, and the same as a form. */
export const GOOD = { from: 'shop@sender.test', to: 'ada@rcpt.test' };
export const FORM_GOOD = 'from=shop@sender.test&to=ada@rcpt.test';

const mailbox = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};

interface Wanted {
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

/** The submission that a message becomes; what is not given is as in GOOD, and empty. */
export function submission(wanted: Wanted = {}, maxBytes = 4 * MIB): Submission {
  const { from = GOOD.from, to = [GOOD.to], cc = [], bcc = [], replyTo = [], subject = '' } = wanted;
  const { text, html, headers = [], attachments = [], date, messageId, metadata, ignoredHeaders } = wanted;
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

/** The same of version 2. */
export const submission2 = (wanted: Wanted = {}): Submission => submission(wanted, 24 * MIB);

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

/** A request that is taken, and what it becomes; 0123456789abc is its id, of which these are the digits. */
export function taken(name: string, sent: Sent, becomes: Submission): GoldenCase {
  return {
    name,
    request: requestOf(sent),
    asks: { operation: 'submit', input: becomes },
    output: { id: '0123456789abc', messageIdHeader: '<x@y.z>', replayed: false, recipients: [] },
    reply: {
      status: 200,
      headers: REPLY_HEADERS,
      body: Buffer.from('{"message":"OK","mid":38390726480144748}'),
    },
  };
}

/** A request that is refused with a list of errors. */
export function refused(
  name: string,
  sent: Sent,
  errors: readonly string[],
  { status = 400, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): GoldenCase {
  return {
    name,
    request: requestOf(sent),
    reply: {
      status,
      headers: { ...REPLY_HEADERS, ...headers },
      body: Buffer.from(JSON.stringify({ message: 'error', errors })),
    },
  };
}

/** A request whose sender is not let in. */
export function shutOut(name: string, sent: Sent, body: string): GoldenCase {
  return {
    name,
    request: requestOf(sent),
    reply: {
      status: 401,
      headers: { ...REPLY_HEADERS, 'www-authenticate': 'turboSMTP' },
      body: Buffer.from(body),
    },
  };
}

/** What the gate is asked for when GOOD comes. */
export function asksFor(url: string): NonNullable<GoldenCase['asks']> {
  return { operation: 'submit', input: url === V1 ? submission() : submission2() };
}

/** A good request that the gate refuses. */
export function refusedByGate(
  name: string,
  error: AppError,
  said: string,
  reply: { status: number; headers?: Readonly<Record<string, string>> },
  url = V1,
): GoldenCase {
  return {
    ...refused(name, { url, body: GOOD }, [said], reply),
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
