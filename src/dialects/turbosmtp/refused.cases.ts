import { GOOD_KEY, type GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import {
  asksFor,
  FORM,
  GOOD,
  JSON_LABEL,
  multipart,
  NO_CREDENTIALS,
  refuses,
  refusesFromGate,
  unauthenticated,
  V1,
  V2,
} from './objects.cases.ts';

// Refused requests of turboSMTP. The reply is compared byte by byte.

const MISSING =
  '{"errorCode":3,"message":"Invalid authorization token","details":"No authorization key was specified for request: POST /api/mail/send"}';
const WRONG = '{"errorCode":3,"message":"Wrong credentials specified"}';
const BAD_KEY = { authuser: 'default', authpass: 'pk_1_bad' };

const credentials: readonly GoldenCase[] = [
  ...[V1, V2].flatMap(url => [
    unauthenticated(
      `${versionOf(url)}: a request without credentials`,
      { url, headers: NO_CREDENTIALS, body: GOOD },
      MISSING,
    ),
    unauthenticated(
      `${versionOf(url)}: a request without credentials and body`,
      { url, headers: NO_CREDENTIALS },
      MISSING,
    ),
    unauthenticated(
      `${versionOf(url)}: a request with only an Authorization header`,
      { url, headers: { ...NO_CREDENTIALS, authorization: `Bearer ${GOOD_KEY}` }, body: GOOD },
      MISSING,
    ),
    unauthenticated(`${versionOf(url)}: wrong credentials`, { url, headers: BAD_KEY, body: GOOD }, WRONG),
    unauthenticated(
      `${versionOf(url)}: wrong credentials in the body`,
      { url, headers: NO_CREDENTIALS, body: { ...GOOD, ...BAD_KEY } },
      WRONG,
    ),
    unauthenticated(
      `${versionOf(url)}: a malformed body without credentials in the headers`,
      { url, headers: NO_CREDENTIALS, body: '{"authuser":' },
      MISSING,
    ),
    unauthenticated(
      `${versionOf(url)}: a user name without a password`,
      { url, headers: { authuser: 'default', authpass: '' }, body: GOOD },
      MISSING,
    ),
  ]),
  unauthenticated(
    'v1: wrong credentials in the query',
    { url: `${V1}?authuser=default&authpass=pk_1_bad`, headers: NO_CREDENTIALS, body: GOOD },
    WRONG,
  ),
  unauthenticated(
    'v1: wrong credentials in headers before valid ones in the body',
    { headers: BAD_KEY, body: { ...GOOD, authuser: 'default', authpass: GOOD_KEY } },
    WRONG,
  ),
  unauthenticated(
    'v2: credentials in the query',
    { url: `${V2}?authuser=default&authpass=${GOOD_KEY}`, headers: NO_CREDENTIALS, body: GOOD },
    MISSING,
  ),
  ...[V1, V2].map(
    (url): GoldenCase => ({
      ...unauthenticated(
        `${versionOf(url)}: a disabled account`,
        { url, body: GOOD },
        '{"errorCode":2,"message":"Account for default is inactive"}',
      ),
      asks: asksFor(url),
      output: new AppError('account_inactive', 'The account was disabled.'),
    }),
  ),
];

const SUBJECT = 'subject too long (max 700 chars )';
const FROM = 'missing or not valid sender email (from)';
const TO = 'missing recipients (to)';
const HEADERS = 'headers not valid';
const MIME = 'Invalid Mime';
const FILES = 'attachments not valid';

const everything = {
  subject: 'x'.repeat(701),
  from: 'nobody',
  to: 'broken@@@Address.@@, ok@rcpt.test, second',
  cc: 'third',
  bcc: "broken2@@@Address2.@@222,o'x",
  custom_headers: [1],
  mime_raw: 'no empty line',
  attachments: [{}],
};

const fields: readonly GoldenCase[] = [
  refuses('v1: a message with all problems, in their order', { body: everything }, [
    ...[SUBJECT, FROM],
    "'broken@@@Address.@@' recipient email not valid",
    "'second' recipient email not valid",
    "'broken2@@@Address2.@@222' bcc email not valid",
    "'o'x' bcc email not valid",
    "'third' cc email not valid",
    ...[HEADERS, MIME, FILES],
  ]),
  refuses('v2: a message with all problems, in their order', { url: V2, body: everything }, [
    ...[SUBJECT, FROM],
    "'broken@@@Address.@@' 'to' email not valid",
    "'second' 'to' email not valid",
    "'third' 'cc' email not valid",
    "'broken2@@@Address2.@@222' 'bcc' email not valid",
    "'o'x' 'bcc' email not valid",
    ...[HEADERS, MIME, FILES],
  ]),
  refuses('an empty body', { body: '' }, [FROM, TO]),
  refuses('an empty object', { body: '{}' }, [FROM, TO]),
  refuses('an empty array', { body: '[]' }, [FROM, TO]),
  refuses(
    'a list that is empty without its skipped items',
    { body: { from: GOOD.from, to: ' ,None,', cc: 'a@b.test' } },
    [TO],
  ),
  refuses('a list of invalid addresses', { body: { from: GOOD.from, to: 'none' } }, [
    "'none' recipient email not valid",
  ]),
  refuses(
    'a name with a comma in quotes, because every comma separates',
    { body: { ...GOOD, to: '"Doe, Jo" <jo@rcpt.test>' } },
    [`'"Doe' recipient email not valid`, `'Jo" <jo@rcpt.test>' recipient email not valid`],
  ),
  refuses('two senders', { body: { ...GOOD, from: 'a@b.test, c@d.test' } }, [FROM]),
  refuses('a subject of 701 code points', { body: { ...GOOD, subject: '🎈'.repeat(701) } }, [SUBJECT]),
  refuses('an invalid reply_to', { body: { ...GOOD, reply_to: 'a@b.test, c@d.test' } }, [
    'reply_to email not valid',
  ]),
];

const injections: readonly GoldenCase[] = [
  ...Object.entries({ CR: '\r', LF: '\n', CRLF: '\r\nBcc: eve@rcpt.test', NUL: '\0' }).flatMap(
    ([shown, evil]) => [
      refuses(`${shown} in the sender`, { body: { ...GOOD, from: `a@b.test${evil}` } }, [FROM]),
      refuses(`${shown} in the sender's name`, { body: { ...GOOD, from: `A${evil} <a@b.test>` } }, [FROM]),
      refuses(`${shown} in a recipient`, { body: { ...GOOD, to: `a@b.test${evil}` } }, [
        `'a@b.test${evil}' recipient email not valid`,
      ]),
      refuses(`${shown} in a recipient's name`, { body: { ...GOOD, bcc: `A${evil} <a@b.test>` } }, [
        `'A${evil} <a@b.test>' bcc email not valid`,
      ]),
      refuses(`${shown} in the subject`, { body: { ...GOOD, subject: `a${evil}` } }, ['subject not valid']),
      refuses(`${shown} in reply_to`, { body: { ...GOOD, reply_to: `a@b.test${evil}` } }, [
        'reply_to email not valid',
      ]),
      refuses(`${shown} in a custom header`, { body: { ...GOOD, custom_headers: { 'X-A': `a${evil}` } } }, [
        HEADERS,
      ]),
      refuses(
        `${shown} in a custom header's name`,
        { body: { ...GOOD, custom_headers: { [`X${evil}`]: 'a' } } },
        [HEADERS],
      ),
      refuses(`${shown} in an attachment's name`, { body: withFile({ name: `a${evil}`, content: 'aGk=' }) }, [
        FILES,
      ]),
      refuses(
        `${shown} in an attachment's type`,
        { body: withFile({ type: `a/b${evil}`, content: 'aGk=' }) },
        [FILES],
      ),
      refuses(`${shown} in a content_id`, { body: withFile({ content_id: `a${evil}`, content: 'aGk=' }) }, [
        FILES,
      ]),
    ],
  ),
  refuses('NUL in bodies', { body: { ...GOOD, content: '\0', html_content: '\0' } }, [
    'content not valid',
    'html_content not valid',
  ]),
  refuses('NUL in mime_raw', { body: { ...GOOD, mime_raw: 'X: y\n\n\0' } }, [MIME]),
];

const headers: readonly GoldenCase[] = [
  ...(
    [
      ['that are not JSON', '{"X-A"'],
      ['that are a string', '"x"'],
      ['that are a list', '["X-A: 1"]'],
      ['with an invalid name', { 'X A': '1' }],
      ['with an empty name', { '': '1' }],
      ['with a list as value', { 'X-A': ['1'] }],
      ['with an object as value', { 'X-A': {} }],
      ['with an invalid Reply-To', { 'Reply-To': 'nobody' }],
      ['that only servers set', { 'Authentication-Results': 'x' }],
      ['larger than 8 KiB together', { 'X-A': 'x'.repeat(8_192) }],
    ] as const
  ).map(([name, custom_headers]) =>
    refuses(`custom headers ${name}`, { body: { ...GOOD, custom_headers } }, [HEADERS]),
  ),
];

const contents: readonly GoldenCase[] = [
  refuses('mime_raw without an empty line', { body: { ...GOOD, mime_raw: 'Subject: x\nbody' } }, [MIME]),
  refuses(
    'mime_raw with a line that is not a header field',
    { body: { ...GOOD, mime_raw: 'hello\n\nbody' } },
    [MIME],
  ),
  refuses('mime_raw that starts with a folded line', { body: { ...GOOD, mime_raw: ' x\n\nbody' } }, [MIME]),
  refuses('mime_raw that is not a string', { body: { ...GOOD, mime_raw: { a: 1 } } }, [MIME]),
  refuses(
    'attachments together with mime_raw',
    { body: { ...withFile({ content: 'aGk=' }), mime_raw: '\n' } },
    [FILES],
  ),
  ...(
    [
      ['without content', { name: 'a.txt' }],
      ['with an empty content', { content: '' }],
      ['that is not base64', { content: '*' }],
      ['with truncated base64', { content: 'aGk' }],
      ['with a data: URI that is not base64', { content: 'data:text/plain,hi' }],
      ['with a path', { content: 'aGk=', path: '/etc/passwd' }],
      ['with an href', { content: 'aGk=', href: 'http://127.0.0.1/' }],
      ['with a path as its name', { content: 'aGk=', name: '../a.txt' }],
      ['with an invalid type', { content: 'aGk=', type: 'image' }],
      ['that is a text', 'aGk='],
    ] as const
  ).map(([name, file]) => refuses(`an attachment ${name}`, { body: withFile(file) }, [FILES])),
  refuses('v2: a reference_id that is a list', { url: V2, body: { ...GOOD, reference_id: [1] } }, [
    'reference_id not valid',
  ]),
];

const forms: readonly GoldenCase[] = [
  ...[V1, V2].flatMap(url => [
    refuses(`${versionOf(url)}: malformed JSON`, { url, headers: JSON_LABEL, body: '{"from":' }, [
      'malformed JSON',
    ]),
    refuses(`${versionOf(url)}: JSON that is nested too deeply`, { url, body: '['.repeat(33) }, [
      'malformed JSON',
    ]),
    refuses(`${versionOf(url)}: a list as JSON`, { url, body: '[1]' }, ['malformed JSON']),
    refuses(`${versionOf(url)}: a truncated multipart form`, { ...cutOff(), url }, [
      'malformed multipart body',
    ]),
    refuses(`${versionOf(url)}: too many fields`, { url, headers: FORM, body: 'x=1&'.repeat(201) }, [
      'too many fields (max 200)',
    ]),
    ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map(method =>
      refuses(`${versionOf(url)}: ${method}`, { url, method }, ['Use POST here.'], {
        status: 405,
        headers: { allow: 'POST' },
      }),
    ),
    refuses(
      `${versionOf(url)}: a slash after the path`,
      { url: `${url}/`, body: GOOD },
      ['There is nothing at this path.'],
      { status: 404 },
    ),
    refuses(
      `${versionOf(url)}: a body over 32 MiB`,
      { url, headers: { 'content-length': String(32 * 1024 * 1024 + 1) }, body: '' },
      ['message too large'],
      { status: 413 },
    ),
    refusesFromGate(
      `${versionOf(url)}: a composed message that is too large`,
      new AppError('too_large', 'The message has too many bytes.'),
      'message too large',
      { status: 413 },
      url,
    ),
    refusesFromGate(
      `${versionOf(url)}: a message while the store is unavailable`,
      new AppError('unavailable', 'Not now.', { retryAfterSeconds: 5 }),
      'SERVER_UNAVAILABLE',
      { status: 503, headers: { 'retry-after': '5' } },
      url,
    ),
  ]),
  refuses(
    'a request with Content-Encoding',
    { headers: { 'content-encoding': 'gzip' }, body: GOOD },
    ['Content-Encoding "gzip" is not supported; send the body as it is.'],
    { status: 415 },
  ),
  refuses(
    'an unknown path below /api/mail',
    { url: '/api/mail/else', method: 'GET' },
    ['There is nothing at this path.'],
    {
      status: 404,
    },
  ),
  refusesFromGate('a sender that the account may not use', new AppError('sender_not_allowed', 'No.'), 'No.', {
    status: 403,
  }),
  refusesFromGate(
    'a message with too many recipients',
    new AppError('too_many_recipients', 'Too many.'),
    'Too many.',
    {
      status: 400,
    },
  ),
  refusesFromGate(
    'a message with only suppressed recipients',
    new AppError('all_suppressed', 'All.'),
    'All.',
    {
      status: 400,
    },
  ),
  refusesFromGate(
    'a message above a rate limit',
    new AppError('rate_limited', 'Later.', { retryAfterSeconds: 30 }),
    'Later.',
    {
      status: 429,
      headers: { 'retry-after': '30' },
    },
  ),
  refusesFromGate(
    'a field that only the operation finds invalid',
    new AppError('invalid', 'mime: loops', { problems: [{ field: 'mime', message: 'loops' }] }),
    'mime: loops',
    { status: 400 },
  ),
];

export const refusedCases = [...credentials, ...fields, ...injections, ...headers, ...contents, ...forms];

function versionOf(url: string): string {
  return url === V1 ? 'v1' : 'v2';
}

function withFile(file: unknown) {
  return { ...GOOD, attachments: [file] };
}

function cutOff() {
  const { headers: label, body } = multipart(['name="from"', 'a@b.test']);
  return { headers: label, body: body.subarray(0, -10) };
}
