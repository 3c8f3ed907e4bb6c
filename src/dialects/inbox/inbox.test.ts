import { describe, expect, test } from 'vitest';
import { describeDialect, type GoldenCase, requestOf } from '../../../test/suites/dialect.ts';
import type { Address } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { MessageView } from '../../core/message-view.ts';
import { viewMail } from '../mail-view.ts';
import { inbox } from './inbox.ts';
import { listPage, mailPage } from './inbox-pages.ts';

const ID = '0123456789abc';
const PROVIDER = 7;
const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const message: MessageView = {
  id: ID,
  account: 1,
  dialect: 'v1',
  sender: 'bounce@example.com' as Address,
  from: 'ada@example.com' as Address,
  subject: 'Größe',
  messageIdHeader: '<m@example.com>',
  tags: [],
  metadata: {},
  priority: 'normal',
  lane: PROVIDER,
  size: 600,
  createdAt: Date.UTC(2030, 0, 2),
  expiresAt: Date.UTC(2030, 0, 3),
  isLeased: false,
  recipients: [{ index: 0, address: 'bob@example.com' as Address, state: 'delivered', attempts: 1 }],
};

const MIME = Buffer.from(
  [
    'From: Ada <ada@example.com>',
    'To: Bob <bob@example.com>, Team: x@example.com, y@example.com;',
    'Subject: =?utf-8?Q?Gr=C3=B6=C3=9Fe?=',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: multipart/alternative; boundary=c',
    '',
    '--c',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello <b>',
    '--c',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<img src="cid:logo"><script>alert(1)</script>',
    '--c--',
    '--b',
    'Content-Type: image/png',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: inline; filename="logo.png"',
    '',
    'QUJD',
    '--b',
    "Content-Type: text/html; name*=utf-8''%22x%22.html",
    "Content-Disposition: attachment; filename*=utf-8''%22x%22%E2%82%AC.html",
    '',
    '<script>',
    '--b--',
    '',
  ].join('\r\n'),
);

const HTML = '<img src="data:image/png;base64,QUJD"><script>alert(1)</script>';
const summary = {
  id: ID,
  envelope: { sender: 'bounce@example.com', recipients: ['bob@example.com'] },
  from: 'ada@example.com',
  subject: 'Größe',
  size: 600,
  createdAt: '2030-01-02T00:00:00.000Z',
};
const headerFields = MIME.toString()
  .split('\r\n', 5)
  .map(line => ({ name: line.split(': ')[0], value: line.slice(line.indexOf(': ') + 2) }));

const get = (url: string, accept = '*/*') => ({ method: 'GET', url, headers: { accept, authorization: '' } });
const asksBody = {
  asks: { operation: 'body', input: { id: ID } } as const,
  output: { mime: MIME, message },
};
const page = { items: [message], next: 'n&1' };

/** The headers of a page, for cases that compare only its body. */
const headersOf = (reply: { headers?: Readonly<Record<string, string>> }) => reply.headers ?? {};

const mail = await viewMail(MIME);
const listed = listPage(page);
const shown = mailPage(message, mail);
const refused = { code: 'gone', message: 'Removed.' };

const cases: readonly GoldenCase[] = [
  {
    name: 'lists messages as JSON',
    request: get('/inbox?limit=2&cursor=c'),
    asks: { operation: 'messages', input: { filter: { provider: PROVIDER }, limit: 2, cursor: 'c' } },
    output: page,
    reply: { status: 200, headers: JSON_HEADERS, body: { messages: [summary], next: 'n&1' } },
  },
  {
    name: 'lists messages as a page for a browser',
    request: get('/inbox', 'text/html,application/xhtml+xml,*/*;q=0.8'),
    asks: { operation: 'messages', input: { filter: { provider: PROVIDER }, limit: 50 } },
    output: page,
    reply: { status: 200, headers: headersOf(listed), body: String(listed.body) },
  },
  {
    name: 'refuses limit 0',
    request: get('/inbox?limit=0'),
    reply: {
      status: 400,
      headers: JSON_HEADERS,
      body: { error: { code: 'invalid', message: 'limit: must be a whole number from 1 to 1000' } },
    },
  },
  {
    name: 'returns a message as JSON',
    request: get(`/inbox/${ID}`),
    ...asksBody,
    reply: {
      status: 200,
      headers: JSON_HEADERS,
      body: {
        ...summary,
        from: 'Ada <ada@example.com>',
        to: 'Bob <bob@example.com>, x@example.com, y@example.com',
        cc: '',
        replyTo: '',
        headers: headerFields,
        text: 'Hello <b>\n',
        html: `${HTML}\n`,
        attachments: [
          {
            filename: 'logo.png',
            contentType: 'image/png',
            cid: 'logo',
            size: 3,
            url: `/inbox/${ID}/attachments/0`,
          },
          { filename: '"x"€.html', contentType: 'text/html', size: 9, url: `/inbox/${ID}/attachments/1` },
        ],
      },
    },
  },
  {
    name: 'returns a message as a page for a browser',
    request: get(`/inbox/${ID}`, 'text/html'),
    ...asksBody,
    reply: { status: 200, headers: headersOf(shown), body: String(shown.body) },
  },
  {
    name: 'returns the HTML part with a policy that forbids network access',
    request: get(`/inbox/${ID}/html`, 'text/html'),
    ...asksBody,
    reply: {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
      body: `${HTML}\n`,
    },
  },
  {
    name: 'returns an attachment as a download, whatever its type is',
    request: get(`/inbox/${ID}/attachments/1`),
    ...asksBody,
    reply: {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': "attachment; filename*=UTF-8''%22x%22%E2%82%AC.html",
        'x-content-type-options': 'nosniff',
      },
      body: '<script>\n',
    },
  },
  {
    name: 'returns 404 for an unknown attachment',
    request: get(`/inbox/${ID}/attachments/2`),
    ...asksBody,
    reply: {
      status: 404,
      headers: JSON_HEADERS,
      body: { error: { code: 'not_found', message: 'The message has no such attachment.' } },
    },
  },
  {
    name: 'returns the source of a message',
    request: get(`/inbox/${ID}/raw`),
    ...asksBody,
    reply: {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: MIME,
    },
  },
  {
    name: 'returns 410 for a message that retention removed',
    request: get(`/inbox/${ID}`),
    asks: asksBody.asks,
    output: new AppError('gone', 'Removed.'),
    reply: { status: 410, headers: JSON_HEADERS, body: { error: refused } },
  },
  {
    name: 'refuses an unknown method',
    request: { ...get('/inbox'), method: 'POST' },
    reply: {
      status: 405,
      headers: { ...JSON_HEADERS, allow: 'GET, HEAD' },
      body: { error: { code: 'method_not_allowed', message: 'Use GET or HEAD here.' } },
    },
  },
  {
    name: 'refuses a web page of another site',
    request: { method: 'GET', url: '/inbox', headers: { authorization: '', 'sec-fetch-site': 'cross-site' } },
    reply: {
      status: 401,
      headers: { ...JSON_HEADERS, 'www-authenticate': 'Bearer' },
      body: {
        error: { code: 'unauthenticated', message: 'A key is needed: send "Authorization: Bearer <key>".' },
      },
    },
  },
];

describeDialect(inbox(PROVIDER), cases);

describe('the pages of the inbox', () => {
  const hostile = `"><script>alert(1)</script>`;

  test('escape all texts of a message', () => {
    const evil = { ...message, subject: hostile, from: hostile as Address };
    const evilMail = {
      ...mail,
      subject: hostile,
      text: hostile,
      headers: [{ name: hostile, value: hostile }],
    };
    for (const { body } of [listPage({ items: [evil] }), mailPage(evil, evilMail)]) {
      expect(body).toContain('&quot;&gt;&lt;script&gt;');
      expect(body).not.toContain('<script');
    }
  });

  test('show the HTML part only in a sandboxed frame, and forbid scripts', () => {
    expect(shown.body).toContain(`<iframe sandbox="" title="The message" src="/inbox/${ID}/html">`);
    expect(shown.body).not.toContain('alert');
    expect(headersOf(shown)['content-security-policy']).toContain("default-src 'none'");
  });

  test('show an error as a page to a browser', () => {
    const request = { ...requestOf({ method: 'GET', path: '/inbox' }), headers: { accept: 'text/html' } };
    const reply = inbox(PROVIDER).sayError(new AppError('not_found', hostile), request);
    expect([reply.status, headersOf(reply)['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(reply.body).not.toContain('<script');
  });
});

describe('viewMail', () => {
  test('refuses a message with parts that are nested too deeply', async () => {
    const nested = Array.from(
      { length: 60 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    );
    await expect(viewMail(Buffer.from(nested.join('')))).rejects.toThrow('Look at its raw source');
  });
});
