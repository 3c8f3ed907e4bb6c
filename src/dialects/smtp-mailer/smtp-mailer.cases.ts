import type { GoldenCase } from '../../../test/suites/dialect.ts';
import type { Address } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { DirectMail, NamedServer } from '../../operations/direct-send-operations.ts';

const [A, D, G] = ['a@b.c', 'd@e.f', 'g@h.i'] as unknown as [Address, Address, Address];

/** The server that the dialect under test finds for `known.test`. */
export const KNOWN: NamedServer = { host: 'smtp.known.test', port: 587, encryption: 'tls' };

const HEADERS_A = { server: 'smtp.b.c', port: '2525', secure: 'false', email: 'a@b.c', password: 'pass' };
const HEADERS_B = {
  authorization: basic('a@b.c:pass'),
  'x-smtp-server': 'smtp.b.c',
  'x-smtp-port': '2525',
  'x-smtp-secure': 'false',
};
const BODY = '{"from":"a@b.c","to":"d@e.f","subject":"Test API","text":"Hello"}';
const PLAIN: DirectMail = {
  dialect: 'smtp-mailer',
  server: { host: 'smtp.b.c', port: 2525, encryption: 'opportunistic' },
  username: 'a@b.c',
  password: 'pass',
  envelope: { sender: A, recipients: [D] },
  content: {
    from: { address: A },
    to: [{ address: D }],
    cc: [],
    replyTo: [],
    subject: 'Test API',
    text: 'Hello',
    attachments: [],
    headers: [],
  },
};
const RESULT = {
  envelope: PLAIN.envelope,
  accepted: [D],
  rejected: [],
  ehlo: ['PIPELINING'],
  envelopeMs: 8,
  messageMs: 7,
  size: 243,
  response: '250 OK queued',
  messageIdHeader: '<x@b.c>',
};
const SUCCESS = {
  message: 'Email sent successfully',
  info: {
    accepted: ['d@e.f'],
    rejected: [],
    ehlo: ['PIPELINING'],
    envelopeTime: 8,
    messageTime: 7,
    messageSize: 243,
    response: '250 OK queued',
    envelope: { from: 'a@b.c', to: ['d@e.f'] },
    messageId: '<x@b.c>',
  },
};

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** The UTF-8 bytes of a text, one character for each: the form in which Node passes header values. */
function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function reply(
  status: number,
  body: object,
  more: Readonly<Record<string, string>> = {},
): GoldenCase['reply'] {
  const headers = {
    'access-control-allow-origin': '*',
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...more,
  };
  return { status, headers, body };
}

const CHALLENGE = { 'www-authenticate': 'Basic realm="SMTP server", charset="UTF-8"' };

/** An accepted request, and the input of the operation. */
function sends(
  name: string,
  headers: Readonly<Record<string, string>>,
  expected: Partial<DirectMail>,
  body = BODY,
): GoldenCase {
  return {
    name: `accepts ${name}`,
    request: { method: 'POST', url: '/api/smtp', headers, body },
    asks: { operation: 'sendDirect', input: { ...PLAIN, ...expected } },
    output: RESULT,
    reply: reply(200, SUCCESS),
  };
}

/** An accepted request with another body. `content` has the different fields of the content. */
function composes(
  name: string,
  body: object,
  content: Partial<DirectMail['content']>,
  recipients = [D],
): GoldenCase {
  const expected = { content: { ...PLAIN.content, ...content }, envelope: { sender: A, recipients } };
  return sends(name, HEADERS_A, expected, JSON.stringify({ ...JSON.parse(BODY), ...body }));
}

function server(port: number, encryption: NamedServer['encryption']): Partial<DirectMail> {
  return { server: { host: 'smtp.b.c', port, encryption } };
}

const secure = (port: number, isSecure: string) => ({ ...HEADERS_A, port: String(port), secure: isSecure });

const settings: readonly GoldenCase[] = [
  sends('way A: settings in headers', HEADERS_A, {}),
  sends('way B: Basic and X-SMTP headers, as in the curl sample', HEADERS_B, {}),
  sends(
    'way C: only Basic, with a known server for the mail domain',
    { authorization: basic('me@known.test:pass') },
    {
      server: KNOWN,
      username: 'me@known.test',
    },
  ),
  sends(
    'way C with the headers email and password',
    { email: 'me@KNOWN.test', password: 'pass' },
    {
      server: KNOWN,
      username: 'me@KNOWN.test',
    },
  ),
  sends(
    'each setting from way A before way B',
    { ...HEADERS_B, port: '587', password: 'other' },
    {
      ...server(587, 'opportunistic'),
      password: 'other',
    },
  ),
  sends('an empty header as absent', { ...HEADERS_B, server: '', email: '' }, {}),
  sends(
    'Basic with colons in the password',
    { ...HEADERS_B, authorization: basic('a@b.c:p:a:ss') },
    {
      password: 'p:a:ss',
    },
  ),
  sends('Basic in UTF-8', { ...HEADERS_B, authorization: basic('a@b.c:pässwörd') }, { password: 'pässwörd' }),
  sends(
    'Basic in Latin-1, as btoa encodes it',
    { ...HEADERS_B, authorization: basic(Buffer.from('a@b.c:pä', 'latin1')) },
    {
      password: 'pä',
    },
  ),
  sends('header values in UTF-8', { ...HEADERS_A, password: octets('pä€') }, { password: 'pä€' }),
  sends('header values in Latin-1', { ...HEADERS_A, password: 'pä' }, { password: 'pä' }),
  sends('secure in any case', secure(2525, 'TRUE'), server(2525, 'ssl')),
  sends('secure as implicit TLS', secure(25, 'true'), server(25, 'ssl')),
  sends('secure on port 587 as required STARTTLS', secure(587, 'true'), server(587, 'tls')),
  sends('port 465 always as implicit TLS', secure(465, 'false'), server(465, 'ssl')),
  sends('not secure as STARTTLS if offered', secure(587, 'False'), server(587, 'opportunistic')),
  sends('a host in upper case with a final dot', { ...HEADERS_A, server: 'SMTP.B.C.' }, {}),
  sends(
    'an IPv6 address as the host',
    { ...HEADERS_A, server: '[2001:DB8::1]' },
    {
      server: { host: '2001:db8::1', port: 2525, encryption: 'opportunistic' },
    },
  ),
  sends(
    'a host in another script',
    { ...HEADERS_A, server: octets('smtp.bücher.example') },
    {
      server: { host: 'smtp.xn--bcher-kva.example', port: 2525, encryption: 'opportunistic' },
    },
  ),
  sends('any Content-Type', { ...HEADERS_A, 'content-type': 'application/x-www-form-urlencoded' }, {}),
];

const bodies: readonly GoldenCase[] = [
  composes(
    'cc, bcc and replyTo',
    { cc: 'g@h.i', bcc: ['d@e.f', 'a@b.c'], replyTo: 'R <g@h.i>' },
    {
      cc: [{ address: G }],
      replyTo: [{ name: 'R', address: G }],
    },
    [D, G, A],
  ),
  composes(
    'a comma list with names',
    { to: 'Dee <d@e.f>, "G, H" <g@h.i>' },
    {
      to: [
        { name: 'Dee', address: D },
        { name: 'G, H', address: G },
      ],
    },
    [D, G],
  ),
  composes(
    'an array with names',
    { to: ['Dee <d@e.f>', 'g@h.i'] },
    {
      to: [{ name: 'Dee', address: D }, { address: G }],
    },
    [D, G],
  ),
  composes('from with a name', { from: 'Ay <a@b.c>' }, { from: { name: 'Ay', address: A } }),
  composes('html', { html: '<p>Hi</p>' }, { html: '<p>Hi</p>' }),
  composes('only bcc', { to: null, bcc: 'd@e.f' }, { to: [] }),
  sends(
    'a message without subject and text',
    HEADERS_A,
    {
      content: withoutText({ ...PLAIN.content, subject: '' }),
    },
    '{"from":"a@b.c","to":"d@e.f"}',
  ),
  sends(
    'an empty subject, an empty text and an unknown field with null',
    HEADERS_A,
    {
      content: withoutText({ ...PLAIN.content, subject: '' }),
    },
    ' {"from":"a@b.c","to":"d@e.f","cc":"","subject":"","text":"","attachments":null}',
  ),
];

function withoutText({ text: _, ...content }: DirectMail['content']): DirectMail['content'] {
  return content;
}

/** A request that is refused before an attempt. */
function refuses(
  name: string,
  request: { headers?: Readonly<Record<string, string>>; body?: string },
  [status, code, message]: readonly [number, string, string],
  more: Readonly<Record<string, string>> = {},
): GoldenCase {
  const whole = { method: 'POST', url: '/api/smtp', headers: HEADERS_A, body: BODY, ...request };
  return { name: `refuses ${name}`, request: whole, reply: reply(status, { message, code }, more) };
}

const ADVICE =
  'send the headers email and password, or "Authorization: Basic" with email:password in base64.';

function noLogin(name: string, headers: Readonly<Record<string, string>>, problem: string): GoldenCase {
  const { email: _, password: __, ...named } = HEADERS_A;
  const request = { headers: { ...named, ...headers }, body: '{' };
  return refuses(name, request, [401, 'UNAUTHENTICATED', `${problem}: ${ADVICE}`], CHALLENGE);
}

function badSetting(name: string, headers: Readonly<Record<string, string>>, message: string): GoldenCase {
  return refuses(name, { headers: { ...HEADERS_A, ...headers }, body: '{' }, [400, 'INVALID', message]);
}

function badBody(name: string, body: string | object, message: string, code = 'INVALID'): GoldenCase {
  const text = typeof body === 'string' ? body : JSON.stringify({ ...JSON.parse(BODY), ...body });
  return refuses(name, { body: text }, [400, code, message]);
}

const NOT_KNOWN =
  'server is missing, and none is known for this e-mail address: add the headers server, port and secure (or x-smtp-server, x-smtp-port and x-smtp-secure).';

const refusals: readonly GoldenCase[] = [
  noLogin(
    'a request without credentials',
    {},
    'email is missing or cannot be decoded, password is missing or cannot be decoded',
  ),
  noLogin('a request without a password', { email: 'a@b.c' }, 'password is missing or cannot be decoded'),
  noLogin(
    'an empty password in Basic',
    { authorization: basic('a@b.c:') },
    'password is missing or cannot be decoded',
  ),
  noLogin(
    'a request without an e-mail address',
    { password: 'pass' },
    'email is missing or cannot be decoded',
  ),
  noLogin(
    'Basic that cannot be decoded',
    { authorization: 'Basic a@b.c:pass' },
    'email is missing or cannot be decoded, password is missing or cannot be decoded',
  ),
  noLogin(
    'a line break in the password',
    { authorization: basic('a@b.c:x\r\ny') },
    'password contains a line break or NUL',
  ),
  refuses(
    'a request without headers and body',
    { headers: {}, body: '' },
    [
      401,
      'UNAUTHENTICATED',
      `email is missing or cannot be decoded, password is missing or cannot be decoded: ${ADVICE}`,
    ],
    CHALLENGE,
  ),
  badSetting(
    'a request without a server',
    { server: '' },
    'server is missing: add the header server or x-smtp-server.',
  ),
  badSetting(
    'a request without a port',
    { port: '' },
    'port is missing: add the header port or x-smtp-port.',
  ),
  badSetting(
    'a request with only a server',
    { port: '', secure: '' },
    'port is missing: add the header port or x-smtp-port; secure is missing: add the header secure or x-smtp-secure.',
  ),
  badSetting(
    'a server that is a URL',
    { server: 'http://b.c/' },
    'server must be a host name or an IP address.',
  ),
  ...['0', '65536', '25.5', 'x', '-1'].map(port =>
    badSetting(`port ${port}`, { port }, 'port must be a whole number from 1 to 65535.'),
  ),
  badSetting(
    'a value of secure that is neither true nor false',
    { secure: 'yes' },
    'secure must be true or false.',
  ),
  refuses('way C without a known server', { headers: { authorization: basic('a@b.c:pass') }, body: '{' }, [
    400,
    'INVALID',
    NOT_KNOWN,
  ]),
  refuses('way C with a user name that is not a mailbox', { headers: { authorization: basic('me:pass') } }, [
    400,
    'INVALID',
    NOT_KNOWN,
  ]),

  badBody(
    'a body that is not JSON',
    'from=a',
    'The body is not JSON; it must be an object with from, to, subject, text.',
    'MALFORMED',
  ),
  badBody(
    'an empty body',
    '',
    'The body is not JSON; it must be an object with from, to, subject, text.',
    'MALFORMED',
  ),
  badBody(
    'a body that is not an object',
    '5',
    'The body must be a JSON object with from, to, subject, text.',
    'MALFORMED',
  ),
  badBody(
    'a body that is nested too deeply',
    '['.repeat(40),
    'The body nests deeper than 32 levels.',
    'MALFORMED',
  ),
  badBody('PHP’s empty array', '[]', 'from is missing; to is missing: at least one recipient is required.'),
  badBody('a message without from', { from: '' }, 'from is missing.'),
  badBody('from that is not a string', { from: { address: 'a@b.c' } }, 'from must be a string.'),
  badBody(
    'a message without recipients',
    { to: [], cc: null },
    'to is missing: at least one recipient is required.',
  ),
  badBody(
    'to that is not a string',
    { to: 5 },
    'to must be a string such as a@b.example or Name <a@b.example>.',
  ),
  badBody(
    'a list item that is not a string',
    { cc: ['d@e.f', {}] },
    'cc[1] must be a string such as a@b.example or Name <a@b.example>.',
  ),
  badBody(
    'an invalid address',
    { to: 'd@@e.f' },
    'to is invalid: item 1, "d@@e.f": the domain must be labels of letters, digits and inner hyphens, at most 63 long, with single dots between.',
  ),
  badBody(
    'CR LF in an address',
    { to: 'd@e.f\r\nRCPT TO:<x@y.z>' },
    'to is invalid: item 1, "d@e.f\\r\\nRCPT TO:<x@y.z>": the name contains a control character.',
  ),
  badBody(
    'CR LF in a name',
    { from: 'A\r\nBcc: x <a@b.c>' },
    'from is invalid: the name contains a control character.',
  ),
  badBody('CR LF in the subject', { subject: 'a\r\nBcc: x@y.z' }, 'subject contains a line break or NUL.'),
  badBody('NUL in the text', { text: 'a\0b' }, 'text contains NUL.'),
  badBody(
    'text and html that are not strings',
    { text: 5, html: {} },
    'text must be a string; html must be a string.',
  ),
  badBody('an unknown field with a value', { attachments: [1] }, 'attachments is not a field of this API.'),
  {
    name: 'refuses a body that is too large, before all other checks',
    request: { method: 'POST', url: '/api/smtp', headers: { 'content-length': '33554433' }, body: '{' },
    reply: reply(413, { message: 'The body is larger than 33554432 bytes.', code: 'TOO_LARGE' }),
  },
  {
    name: 'refuses another method than POST',
    request: { method: 'GET', url: '/api/smtp' },
    reply: reply(405, { message: 'Use POST here.', code: 'METHOD_NOT_ALLOWED' }, { allow: 'POST, OPTIONS' }),
  },
  {
    name: 'refuses an unknown path below /api/smtp',
    request: { method: 'POST', url: '/api/smtp/x', body: BODY },
    reply: reply(404, { message: 'There is nothing at this path.', code: 'NOT_FOUND' }),
  },
  {
    name: 'answers the CORS preflight of a browser',
    request: {
      method: 'OPTIONS',
      url: '/api/smtp',
      headers: { origin: 'https://page.test', 'access-control-request-method': 'POST' },
    },
    reply: {
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST, OPTIONS',
        'access-control-allow-headers':
          'server, port, secure, email, password, x-smtp-server, x-smtp-port, x-smtp-secure, authorization, content-type',
        'access-control-max-age': '7200',
      },
      body: '',
    },
  },
];

function reports(name: string, output: unknown, expected: GoldenCase['reply']): GoldenCase {
  return { ...sends(name, HEADERS_A, {}), name: `reports ${name}`, output, reply: expected };
}

const outcomes: readonly GoldenCase[] = [
  reports(
    'one refused recipient',
    { ...RESULT, envelope: { sender: A, recipients: [D, G] }, rejected: [G] },
    reply(200, {
      ...SUCCESS,
      info: { ...SUCCESS.info, rejected: ['g@h.i'], envelope: { from: 'a@b.c', to: ['d@e.f', 'g@h.i'] } },
    }),
  ),
  reports(
    'wrong credentials',
    { kind: 'bad-credentials', sentence: 'No.', response: '535 5.7.8 no' },
    reply(401, { message: 'No.', code: 'BAD_CREDENTIALS', response: '535 5.7.8 no' }, CHALLENGE),
  ),
  reports(
    'a refusal of the SMTP server',
    { kind: 'refused', sentence: 'No.' },
    reply(502, { message: 'No.', code: 'REFUSED' }),
  ),
  reports(
    'a server that is too slow',
    { kind: 'too-slow', sentence: 'No.' },
    reply(504, { message: 'No.', code: 'TOO_SLOW' }),
  ),
  reports(
    'an unknown outcome after a lost connection',
    { kind: 'unknown', sentence: 'Unconfirmed.', timedOut: false },
    reply(502, { message: 'Unconfirmed.', code: 'UNKNOWN_OUTCOME' }),
  ),
  reports(
    'an unknown outcome without a reply',
    { kind: 'unknown', sentence: 'Unconfirmed.', timedOut: true },
    reply(504, { message: 'Unconfirmed.', code: 'UNKNOWN_OUTCOME' }),
  ),
  reports(
    'that the API is disabled',
    new AppError('forbidden', 'Off.', { reason: 'switched-off' }),
    reply(403, { message: 'Off.', code: 'DISABLED' }),
  ),
  reports(
    'a target that is not allowed',
    new AppError('forbidden', 'Not there.', { reason: 'target-refused' }),
    reply(403, { message: 'Not there.', code: 'TARGET_REFUSED' }),
  ),
  reports(
    'too many messages',
    new AppError('rate_limited', 'Later.', { retryAfterSeconds: 3 }),
    reply(429, { message: 'Later.', code: 'RATE_LIMITED' }, { 'retry-after': '3' }),
  ),
];

/** Every way to call `/api/smtp`, and every reply that needs no SMTP server. */
export const smtpMailerCases = [...settings, ...bodies, ...refusals, ...outcomes];
