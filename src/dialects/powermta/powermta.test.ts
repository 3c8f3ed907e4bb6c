import { describe, expect, test } from 'vitest';
import { describeDialect, type GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import type { Submission } from '../../core/submission.ts';
import { powermta } from './powermta.ts';

const OK = { status: 200, headers: {}, body: '' };
const JIM = '{"from":"jim@foo.bar","to":"you@example.com"}';

const mailbox = (text: string) => {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};

function submission(
  fields: Partial<Record<'from' | 'sender', string>> &
    Partial<Record<'to' | 'cc' | 'bcc', string[]>> & {
      replyTo?: string;
      subject?: string;
      text?: string;
      html?: string;
    },
): Submission {
  const { from = 'jim@foo.bar', to = [], cc = [], bcc = [], replyTo, subject = '', text, html } = fields;
  return {
    dialect: 'powermta',
    envelope: {
      sender: mailbox(fields.sender ?? from).address,
      recipients: [...to, ...cc, ...bcc].map(item => mailbox(item).address),
    },
    body: {
      kind: 'content',
      content: {
        from: mailbox(from),
        to: to.map(mailbox),
        cc: cc.map(mailbox),
        replyTo: replyTo === undefined ? [] : [mailbox(replyTo)],
        subject,
        ...(text !== undefined && { text }),
        ...(html !== undefined && { html }),
        attachments: [],
        headers: [],
      },
      textEncoding: 'quoted-printable',
    },
  };
}

const accepted = {
  id: '0123456789abc',
  messageIdHeader: '<x@foo.bar>',
  replayed: false,
  recipients: [{ address: 'you@example.com', state: 'queued' }],
};

/** An accepted request, and its submission. */
function accepts(
  name: string,
  body: string | Buffer,
  expected: Submission,
  headers = {},
  method = 'POST',
): GoldenCase {
  return {
    name: `accepts ${name}`,
    request: { method, url: '/messages', headers: { authorization: '', ...headers }, body },
    asks: { operation: 'submit', input: expected },
    output: accepted,
    reply: OK,
  };
}

/** A refused request. The error is one line of text. */
function refuses(
  name: string,
  body: string | Buffer,
  line: string,
  { status = 400, url = '/messages', method = 'POST', headers = {}, sent = {} } = {},
): GoldenCase {
  return {
    name: `refuses ${name}`,
    request: { method, url, headers: { authorization: '', ...headers }, body },
    reply: {
      status,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...sent },
      body: `${line}\n`,
    },
  };
}

/** A valid request that the operation refuses. */
function refusesFromGate(name: string, error: AppError, status: number, sent = {}): GoldenCase {
  return {
    ...refuses(name, JIM, error.message, { status, sent }),
    asks: { operation: 'submit', input: submission({ to: ['you@example.com'] }) },
    output: error,
  };
}

const requests: readonly GoldenCase[] = [
  accepts(
    'the published curl sample, labelled as a form by curl',
    '{"from":"postmaster@sender.com","to":"nobody@example.com","subject":"Test","text":"This is a test"}',
    submission({
      from: 'postmaster@sender.com',
      to: ['nobody@example.com'],
      subject: 'Test',
      text: 'This is a test',
    }),
    { 'content-type': 'application/x-www-form-urlencoded' },
  ),
  accepts(
    'the published Python sample, with a display name in a string',
    '{"from": "Jim <jim@foo.bar>", "to": "you@example.com", "subject": "test", "text": "This is a test"}',
    submission({
      from: 'Jim <jim@foo.bar>',
      to: ['you@example.com'],
      subject: 'test',
      text: 'This is a test',
    }),
    { 'content-type': 'application/json' },
  ),
  accepts('any Content-Type, even an invalid one', JIM, submission({ to: ['you@example.com'] }), {
    'content-type': ';;;',
  }),
  accepts('PUT like POST', JIM, submission({ to: ['you@example.com'] }), {}, 'PUT'),
  accepts('a valid key', JIM, submission({ to: ['you@example.com'] }), {
    authorization: 'Bearer pk_1_good',
  }),
  accepts('a valid key as the Basic password', JIM, submission({ to: ['you@example.com'] }), {
    authorization: `Basic ${Buffer.from('anybody:pk_1_good').toString('base64')}`,
  }),
  accepts(
    'field names in any case, also in address objects',
    '{"FROM":{"Name":"Jim","ADDRESS":"jim@foo.bar"},"To":"you@example.com","SubJect":"s","HTML":"<p>"}',
    submission({ from: 'Jim <jim@foo.bar>', to: ['you@example.com'], subject: 's', html: '<p>' }),
  ),
  accepts(
    'unknown fields, also __proto__',
    '{"from":"jim@foo.bar","to":"you@example.com","x":[1,{}],"__proto__":{"subject":"no"},"constructor":1}',
    submission({ to: ['you@example.com'] }),
  ),
  accepts(
    'a body with more text after the first JSON value',
    `${JIM} {"from":5}]]`,
    submission({ to: ['you@example.com'] }),
  ),
  accepts(
    'the field sender as the envelope sender',
    '{"sender":"bounce@foo.bar","from":"jim@foo.bar","to":"you@example.com"}',
    submission({ sender: 'bounce@foo.bar', to: ['you@example.com'] }),
  ),
  accepts(
    'an empty sender, and uses the address of from',
    '{"sender":"","from":"jim@foo.bar","to":"you@example.com"}',
    submission({ to: ['you@example.com'] }),
  ),
  accepts(
    'recipients as objects and strings, with bcc only in the envelope',
    '{"from":"jim@foo.bar","to":[{"name":"A","address":"a@x.org"},"b@x.org"],"cc":{"address":"c@x.org"},"bcc":["d@x.org"]}',
    submission({ to: ['A <a@x.org>', 'b@x.org'], cc: ['c@x.org'], bcc: ['d@x.org'] }),
  ),
  accepts(
    'a recipient that occurs twice, and sends one copy',
    '{"from":"jim@foo.bar","to":["a@x.org","a@x.org"]}',
    {
      ...submission({ to: ['a@x.org', 'a@x.org'] }),
      envelope: { sender: mailbox('jim@foo.bar').address, recipients: [mailbox('a@x.org').address] },
    },
  ),
  accepts(
    'the field replyto',
    '{"from":"jim@foo.bar","to":"you@example.com","replyto":"R <r@x.org>"}',
    submission({ to: ['you@example.com'], replyTo: 'R <r@x.org>' }),
  ),
  accepts(
    'UTF-8 in every string',
    '{"from":{"name":"Jörg 🎈","address":"jim@foo.bar"},"to":"you@example.com","subject":"Größe","text":"日本"}',
    submission({ from: 'Jörg 🎈 <jim@foo.bar>', to: ['you@example.com'], subject: 'Größe', text: '日本' }),
  ),
  accepts(
    'null and "" as absent fields',
    '{"from":"jim@foo.bar","to":"you@example.com","cc":null,"bcc":"","replyto":null,"subject":null,"text":"","html":null}',
    submission({ to: ['you@example.com'] }),
  ),
  accepts(
    'an empty list in cc',
    '{"from":"jim@foo.bar","to":"you@example.com","cc":[]}',
    submission({ to: ['you@example.com'] }),
  ),
];

const cannotDecode = (value: string, as: string) => `cannot decode ${JSON.stringify(value)} as ${as}`;

const refusals: readonly GoldenCase[] = [
  refuses('an empty body', '', 'EOF'),
  refuses('a body of white space', ' \r\n\t', 'EOF'),
  refuses('the incomplete body {', '{', 'unexpected EOF'),
  refuses('the body hello', 'hello', "invalid character 'h' looking for beginning of value"),
  refuses('the body []', '[]', 'json: cannot unmarshal array into Go value of type main.message'),
  refuses('the body "x"', '"x"', 'json: cannot unmarshal string into Go value of type main.message'),
  refuses('the body 5', '5', 'json: cannot unmarshal number into Go value of type main.message'),
  refuses('the body true', 'true', 'json: cannot unmarshal bool into Go value of type main.message'),
  refuses('the body null', 'null', '"from" missing'),
  refuses('a message without from', '{"to":"you@example.com"}', '"from" missing'),
  refuses('a message with from:null', '{"from":null,"to":"you@example.com"}', '"from" missing'),
  refuses('a message with from:""', '{"from":"","to":"you@example.com"}', '"from" missing'),
  ...(['Subject', 'Sender', 'Text', 'HTML'] as const).map(field =>
    refuses(
      `a message with ${field.toLowerCase()}:5`,
      `{"${field.toLowerCase()}":5,"from":"jim@foo.bar","to":"you@example.com"}`,
      `json: cannot unmarshal number into Go struct field message.${field} of type string`,
    ),
  ),
  refuses('a message with to:5', '{"to":5}', 'cannot decode "5" as address list'),
  refuses('a message with from:5', '{"from":5}', 'cannot decode "5" as address'),
  refuses(
    'a message with from:{"address":5}',
    '{"from":{"address":5}}',
    'cannot decode "{\\"address\\":5}" as address',
  ),
  refuses(
    'an invalid value, and quotes it exactly as sent',
    '{"from": { "address" :\t5} }',
    'cannot decode "{ \\"address\\" :\\t5}" as address',
  ),
  refuses('a message with to:[null]', '{"to":[null]}', cannotDecode('[null]', 'address list')),
  refuses('a message with to:[""]', '{"to":[""]}', cannotDecode('[""]', 'address list')),
  refuses(
    'an invalid address in a list',
    '{"to":["a@b.c","nobody"]}',
    cannotDecode('["a@b.c","nobody"]', 'address list'),
  ),
  refuses('an invalid address', '{"from":"nobody"}', cannotDecode('"nobody"', 'address')),
  refuses('an invalid sender', '{"sender":"nobody"}', cannotDecode('"nobody"', 'address')),
  refuses(
    'a comma list in one string',
    '{"to":"a@b.c, d@e.f"}',
    cannotDecode('"a@b.c, d@e.f"', 'address list'),
  ),
  refuses(
    'CR and LF in an address',
    '{"to":"a@b.c\\r\\nBcc: d@e.f"}',
    cannotDecode('"a@b.c\\r\\nBcc: d@e.f"', 'address list'),
  ),
  refuses(
    'CR and LF in a display name',
    '{"from":{"name":"a\\r\\nBcc: d@e.f","address":"a@b.c"}}',
    cannotDecode('{"name":"a\\r\\nBcc: d@e.f","address":"a@b.c"}', 'address'),
  ),
  refuses('a message without recipients', '{"from":"jim@foo.bar"}', 'no recipients'),
  refuses(
    'a message with empty lists of recipients',
    '{"from":"jim@foo.bar","to":[],"cc":"","bcc":null}',
    'no recipients',
  ),
  refuses(
    'CR and LF in the subject',
    '{"from":"jim@foo.bar","to":"a@b.c","subject":"a\\r\\nb"}',
    'subject: must not hold line breaks or NUL',
  ),
  refuses('NUL in a body', '{"from":"jim@foo.bar","to":"a@b.c","text":"\\u0000"}', 'text: must not hold NUL'),
  refuses(
    'a decoding error before a missing from',
    '{"subject":5}',
    'json: cannot unmarshal number into Go struct field message.Subject of type string',
  ),
  refuses(
    'a syntax error before a decoding error',
    '{"subject":5,}',
    "invalid character '}' looking for beginning of object key string",
  ),
  refuses(
    'the first invalid field in document order',
    '{"to":5,"from":5}',
    'cannot decode "5" as address list',
  ),
  refuses(
    'the first invalid field in document order, also if from comes first',
    '{"from":5,"to":5}',
    'cannot decode "5" as address',
  ),
  refuses('a body with 33 levels', '['.repeat(33), "invalid character '[' exceeded max depth"),
  refuses('a body over 32 MiB', '', 'The body is larger than 33554432 bytes.', {
    status: 413,
    headers: { 'content-length': String(32 * 1024 * 1024 + 1) },
  }),
  refuses(
    'a request with Content-Encoding',
    JIM,
    'Content-Encoding "gzip" is not supported; send the body as it is.',
    {
      status: 415,
      headers: { 'content-encoding': 'gzip' },
    },
  ),
  ...['GET', 'DELETE', 'PATCH', 'OPTIONS'].map(method =>
    refuses(`${method} /messages`, '', 'Use POST or PUT here.', {
      status: 405,
      method,
      sent: { allow: 'POST, PUT' },
    }),
  ),
  refuses('the path /messages/', JIM, '404 page not found', { status: 404, url: '/messages/' }),
  refuses('the path /messages/1', JIM, '404 page not found', { status: 404, url: '/messages/1?a=b' }),
  ...[
    ['a wrong key', { authorization: 'Bearer pk_1_bad' }, 'The key is wrong or was revoked.'],
    [
      'another Authorization scheme',
      { authorization: 'Digest x' },
      'The Authorization header is neither "Bearer <key>" nor Basic.',
    ],
    [
      'a request without a key from a web page of another site',
      { origin: 'https://evil.example' },
      'A key is needed: send "Authorization: Bearer <key>".',
    ],
  ].map(([name, headers, line]) =>
    refuses(name as string, JIM, line as string, {
      status: 401,
      headers: headers as object,
      sent: { 'www-authenticate': 'Bearer' },
    }),
  ),
  refusesFromGate('a sender that the account may not use', new AppError('sender_not_allowed', 'No.'), 403),
  refusesFromGate(
    'a message with too many recipients',
    new AppError('too_many_recipients', 'Too many.'),
    400,
  ),
  refusesFromGate('a composed message that is too large', new AppError('too_large', 'Too big.'), 413),
  refusesFromGate(
    'a message above a rate limit',
    new AppError('rate_limited', 'Later.', { retryAfterSeconds: 30 }),
    429,
    {
      'retry-after': '30',
    },
  ),
  refusesFromGate(
    'a message while the store is unavailable',
    new AppError('unavailable', 'Not now.', { retryAfterSeconds: 5 }),
    503,
    { 'retry-after': '5' },
  ),
];

describeDialect(powermta, [...requests, ...refusals]);

describe('the PowerMTA dialect', () => {
  test('owns its paths and no others', () => {
    expect(['/messages', '/messages/', '/messages/x'].every(powermta.owns)).toBe(true);
    expect(['/', '/messagesx', '/v1/messages', '/inbox'].some(powermta.owns)).toBe(false);
  });
});
