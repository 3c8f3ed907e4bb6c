import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import { accepted, acceptedJson, bob, error, get, ID, post, reply, view } from './objects.cases.ts';

const MIME = Buffer.from(
  [
    'From: Ada <ada@example.com>',
    'To: bob@example.com',
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: multipart/alternative; boundary=c',
    '',
    '--c',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello',
    '--c',
    'Content-Type: text/html',
    '',
    '<p>Hello<script>x()</script>',
    '--c--',
    '--b',
    'Content-Type: image/svg+xml',
    'Content-Disposition: attachment; filename="a/\'b.svg"',
    'Content-Transfer-Encoding: base64',
    '',
    'PHN2Zy8+',
    '--b--',
    '',
  ].join('\r\n'),
);
const PLAIN = Buffer.from('Content-Type: text/html\r\n\r\n<p>x');
const part = (name: string) => get(`/v1/messages/${ID}/parts/${name}`);
const asked = { operation: 'body', input: { id: ID } } as const;
const output = { mime: MIME, message: view };

/** Looking into messages, and a say in many of them. */
export const intervening: readonly GoldenCase[] = [
  {
    name: 'the parts of a message',
    request: get(`/v1/messages/${ID}/parts`),
    asks: asked,
    output,
    reply: reply(200, {
      ...{ from: 'Ada <ada@example.com>', to: 'bob@example.com', cc: '', replyTo: '', subject: 'Grüße' },
      headers: [
        { name: 'From', value: 'Ada <ada@example.com>' },
        { name: 'To', value: 'bob@example.com' },
        { name: 'Subject', value: 'Grüße' },
        { name: 'Content-Type', value: 'multipart/mixed; boundary=b' },
      ],
      text: 'Hello\n',
      hasHtml: true,
      attachments: [
        { index: 0, filename: "a/'b.svg", contentType: 'image/svg+xml', size: 6, isInline: false },
      ],
    }),
  },
  {
    name: 'the HTML part',
    request: part('html'),
    asks: asked,
    output,
    reply: {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      },
      body: '<p>Hello<script>x()</script>\n',
    },
  },
  {
    name: 'the text part',
    request: part('text'),
    asks: asked,
    output,
    reply: {
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: 'Hello\n',
    },
  },
  {
    name: 'an attachment',
    request: part('0'),
    asks: asked,
    output,
    reply: {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': "attachment; filename*=UTF-8''a%2F%27b.svg",
        'x-content-type-options': 'nosniff',
      },
      body: '<svg/>',
    },
  },
  {
    name: 'an attachment that is not there',
    request: part('1'),
    asks: asked,
    output,
    reply: reply(404, error('not_found', 'The message has no such part.')),
  },
  {
    name: 'a text part that is not there',
    request: part('text'),
    asks: asked,
    output: { mime: PLAIN, message: view },
    reply: reply(404, error('not_found', 'The message has no text part.')),
  },
  {
    name: 'an HTML part that is not there',
    request: part('html'),
    asks: asked,
    output: { mime: Buffer.from('\r\nx'), message: view },
    reply: reply(404, error('not_found', 'The message has no HTML part.')),
  },
  {
    name: 'sending a message to somebody else',
    request: post(`/v1/messages/${ID}/resend`, { recipients: ['bob@example.com', 'bob@EXAMPLE.com'] }),
    asks: { operation: 'resend', input: { id: ID, recipients: [bob] } },
    output: accepted,
    reply: reply(202, acceptedJson, { location: `/v1/messages/${ID}` }),
  },
  {
    name: 'sending a message to nobody',
    request: post(`/v1/messages/${ID}/resend`, { recipients: ['bob@example.com', 'bob'] }),
    reply: reply(
      400,
      error('invalid', 'recipients[1]: the address has no @', [
        { field: 'recipients[1]', message: 'the address has no @' },
      ]),
    ),
  },
  {
    name: 'counting what would be tried again',
    request: post('/v1/messages/retry', {
      filter: { state: 'failed', provider: 3, tag: null },
      dryRun: true,
    }),
    asks: {
      operation: 'bulk',
      input: { action: 'retry', filter: { state: 'failed', provider: 3 }, dryRun: true },
    },
    output: { count: 10_000, isExact: false },
    reply: reply(200, { count: 10_000, isExact: false }),
  },
  {
    name: 'trying many again',
    request: post('/v1/messages/retry', { filter: { words: 'big sale', account: '2' } }),
    asks: {
      operation: 'bulk',
      input: { action: 'retry', filter: { words: ['big', 'sale'], account: 2 }, dryRun: false },
    },
    output: { done: 480, skipped: 20, next: ID },
    reply: reply(200, { done: 480, skipped: 20, next: ID }),
  },
  {
    name: 'cancelling the last of many',
    request: post('/v1/messages/cancel', { filter: { sender: '@x.test' }, cursor: ID }),
    asks: {
      operation: 'bulk',
      input: { action: 'cancel', filter: { sender: '@x.test' }, dryRun: false, cursor: ID },
    },
    output: { done: 3, skipped: 0 },
    reply: reply(200, { done: 3, skipped: 0, next: null }),
  },
  {
    name: 'cancelling all there is',
    request: post('/v1/messages/cancel', { filter: { state: null } }),
    reply: reply(
      400,
      error('invalid', 'filter: must not be empty', [{ field: 'filter', message: 'must not be empty' }]),
    ),
  },
  {
    name: 'cancelling by what nothing is found by',
    request: post('/v1/messages/cancel', { filter: { colour: 'red', state: 'lost' } }),
    reply: reply(
      400,
      error('invalid', 'colour: unknown parameter (and 1 more, see problems)', [
        { field: 'colour', message: 'unknown parameter' },
        {
          field: 'state',
          message: 'must be one of queued, deferred, delivered, bounced, failed, expired, cancelled, unknown',
        },
      ]),
    ),
  },
  {
    name: 'deleting all of the inbox',
    request: { method: 'DELETE', url: '/v1/messages' },
    asks: { operation: 'clearInbox', input: {} },
    output: { deleted: 7 },
    reply: reply(200, { deleted: 7 }),
  },
  {
    name: 'a message whose content is gone',
    request: get(`/v1/messages/${ID}/parts`),
    asks: asked,
    output: new AppError('gone', 'Retention has removed the content of this message.'),
    reply: reply(410, error('gone', 'Retention has removed the content of this message.')),
  },
];
