import { GOOD_KEY, type GoldenCase } from '../../../test/suites/dialect.ts';
import { filesAccepted } from './files.cases.ts';
import {
  accepts,
  CREDENTIALS,
  FORM,
  FORM_GOOD,
  GOOD,
  JSON_LABEL,
  multipart,
  NO_CREDENTIALS,
  submission,
  submission2,
  V1,
  V2,
} from './objects.cases.ts';

// Accepted requests of turboSMTP's clients.

const IN_QUERY = `${V1}?authuser=default&authpass=${GOOD_KEY}`;
const WRONG = { authuser: 'default', authpass: 'pk_1_bad' };

const credentials: readonly GoldenCase[] = [
  accepts('v1: credentials in headers', { body: GOOD }, submission()),
  accepts(
    'v1: credentials in the query',
    { url: IN_QUERY, headers: NO_CREDENTIALS, body: GOOD },
    submission(),
  ),
  accepts(
    'v1: credentials in a form',
    { headers: NO_CREDENTIALS, body: `${FORM_GOOD}&authuser=default&authpass=${GOOD_KEY}` },
    submission(),
  ),
  accepts(
    'v1: credentials in a multipart form',
    withoutHeaders(
      multipart(
        ['name="authuser"', 'default'],
        ['name="authpass"', GOOD_KEY],
        ['name="from"', GOOD.from],
        ['name="to"', GOOD.to],
      ),
    ),
    submission(),
  ),
  accepts(
    'v1: credentials in JSON',
    { headers: NO_CREDENTIALS, body: { ...GOOD, ...CREDENTIALS } },
    submission(),
  ),
  accepts(
    'v1: credentials in headers before those in the body',
    { body: { ...GOOD, ...WRONG } },
    submission(),
  ),
  accepts(
    'v1: credentials in the body before those in the query',
    {
      url: `${V1}?authuser=default&authpass=pk_1_bad`,
      headers: NO_CREDENTIALS,
      body: { ...GOOD, ...CREDENTIALS },
    },
    submission(),
  ),
  accepts(
    'v2: consumerKey and consumerSecret',
    {
      url: V2,
      headers: { ...NO_CREDENTIALS, consumerKey: 'default', consumerSecret: GOOD_KEY },
      body: GOOD,
    },
    submission2(),
  ),
  accepts('v2: authuser and authpass in headers', { url: V2, body: GOOD }, submission2()),
  accepts(
    'v2: authuser and authpass in the body',
    { url: V2, headers: NO_CREDENTIALS, body: { ...GOOD, ...CREDENTIALS } },
    submission2(),
  ),
];

const forms: readonly GoldenCase[] = [
  accepts(
    'the published curl sample with unencoded spaces',
    {
      headers: FORM,
      body: 'to=john.smith@domain.com&subject=email subject string&from=john.smith@domain.com&bcc=mark.davies@domain.com&cc=mary.davies@domain.com&content=content email&html_content=html content of email',
    },
    submission({
      from: 'john.smith@domain.com',
      to: ['john.smith@domain.com'],
      cc: ['mary.davies@domain.com'],
      bcc: ['mark.davies@domain.com'],
      subject: 'email subject string',
      text: 'content email',
      html: 'html content of email',
    }),
  ),
  accepts(
    'a form with percent-encoded UTF-8',
    { headers: FORM, body: `${FORM_GOOD}&subject=Gr%C3%BC%C3%9Fe+%26+mehr&content=100%` },
    submission({ subject: 'Grüße & mehr', text: '100%' }),
  ),
  accepts(
    'a form in Latin-1',
    { headers: FORM, body: `${FORM_GOOD}&subject=Gr%FC%DFe` },
    submission({ subject: 'Grüße' }),
  ),
  accepts(
    'a multipart form',
    multipart(
      ['name="from"', 'Zoë <shop@sender.test>'],
      ['name="to"', GOOD.to],
      ['name="content"', 'one\r\ntwo'],
    ),
    submission({ from: 'Zoë <shop@sender.test>', text: 'one\r\ntwo' }),
  ),
  accepts(
    'a multipart form with a file as a body',
    multipart(
      ['name="from"', GOOD.from],
      ['name="to"', GOOD.to],
      ['name="html_content"; filename="mail.html"\r\nContent-Type: text/html', '<p>'],
    ),
    submission({ html: '<p>' }),
  ),
  accepts('JSON', { headers: JSON_LABEL, body: { ...GOOD, subject: 'Hi' } }, submission({ subject: 'Hi' })),
  accepts('JSON with the Content-Type of a form', { headers: FORM, body: GOOD }, submission()),
  accepts(
    'JSON without a Content-Type, after a BOM',
    { body: `\ufeff\r\n ${JSON.stringify(GOOD)}` },
    submission(),
  ),
  accepts(
    'unknown fields, also __proto__',
    {
      body: `{"from":"shop@sender.test","to":"ada@rcpt.test","x":[1],"__proto__":{"subject":"no"},"constructor":1}`,
    },
    submission(),
  ),
  accepts(
    'null, "" and [] as absent fields',
    {
      body: {
        ...GOOD,
        ...{ cc: null, bcc: '', subject: null, content: '', html_content: null, reply_to: '' },
        ...{ custom_headers: [], mime_raw: '', attachments: {} },
      },
    },
    submission(),
  ),
];

const addresses: readonly GoldenCase[] = [
  accepts(
    'from with a comma in the name',
    { body: { ...GOOD, from: 'Acme, Inc. <a@b.test>' } },
    submission({ from: 'Acme, Inc. <a@b.test>' }),
  ),
  accepts(
    'lists with names, split at commas',
    { body: { ...GOOD, to: 'Ada <ada@rcpt.test>, bob@rcpt.test', cc: 'c@rcpt.test,d@rcpt.test' } },
    submission({ to: ['Ada <ada@rcpt.test>', 'bob@rcpt.test'], cc: ['c@rcpt.test', 'd@rcpt.test'] }),
  ),
  accepts(
    'lists with empty items and None, and skips them',
    { body: { from: GOOD.from, to: 'None,ada@rcpt.test,, ,', cc: 'None', bcc: ' None , b@rcpt.test,' } },
    submission({ bcc: ['b@rcpt.test'] }),
  ),
  accepts(
    'repeated recipients, with one copy each and bcc only in the envelope',
    { body: { ...GOOD, cc: 'ada@rcpt.test', bcc: 'ada@RCPT.test,eve@rcpt.test' } },
    submission({ cc: ['ada@rcpt.test'], bcc: ['ada@rcpt.test', 'eve@rcpt.test'] }),
  ),
  accepts(
    'lists as PHP writes them in a form',
    { headers: FORM, body: 'from=shop@sender.test&to[]=a@rcpt.test&to[]=b@rcpt.test&cc[0]=c@rcpt.test' },
    submission({ to: ['a@rcpt.test', 'b@rcpt.test'], cc: ['c@rcpt.test'] }),
  ),
  accepts(
    'a list in several fields of a form',
    { headers: FORM, body: `${FORM_GOOD}&to=b@rcpt.test` },
    submission({ to: [GOOD.to, 'b@rcpt.test'] }),
  ),
  accepts(
    'reply_to with a comma in the name',
    { body: { ...GOOD, reply_to: 'Acme, Inc. <a@b.test>' } },
    submission({ replyTo: ['Acme, Inc. <a@b.test>'] }),
  ),
];

const contents: readonly GoldenCase[] = [
  accepts(
    'content and html_content',
    { body: { ...GOOD, content: 'text\t\r\n☃', html_content: '<p>' } },
    submission({ text: 'text\t\r\n☃', html: '<p>' }),
  ),
  accepts(
    'content_html as html_content',
    { body: { ...GOOD, content_html: '<p>' } },
    submission({ html: '<p>' }),
  ),
  accepts(
    'a subject of 700 code points',
    { body: { ...GOOD, subject: '🎈'.repeat(700) } },
    submission({ subject: '🎈'.repeat(700) }),
  ),
  accepts(
    'numbers and booleans as strings',
    { body: { ...GOOD, subject: 5, content: true } },
    submission({ subject: '5', text: 'true' }),
  ),
];

const headers: readonly GoldenCase[] = [
  accepts(
    'custom_headers as an object',
    { body: { ...GOOD, custom_headers: { 'X-key1': 'value1', 'X-key2': 'value2' } } },
    withHeaders(['X-key1', 'value1'], ['X-key2', 'value2']),
  ),
  accepts(
    'custom_headers as JSON in a form',
    { headers: FORM, body: `${FORM_GOOD}&custom_headers={"X-key1":"value1", "X-key2":"value2"}` },
    withHeaders(['X-key1', 'value1'], ['X-key2', 'value2']),
  ),
  accepts(
    'custom_headers as fields of a form',
    { headers: FORM, body: `${FORM_GOOD}&custom_headers[X-key1]=value1` },
    withHeaders(['X-key1', 'value1']),
  ),
  accepts(
    'custom headers with numbers and booleans',
    { body: { ...GOOD, custom_headers: { 'X-N': 5, 'X-B': false, 'X-0': null, 'X-1': '' } } },
    withHeaders(['X-N', '5'], ['X-B', 'false']),
  ),
  accepts(
    'folded custom headers',
    { body: { ...GOOD, custom_headers: { References: '<a@b>\r\n <c@d>\n\t<e@f>' } } },
    withHeaders(['References', '<a@b> <c@d>\t<e@f>']),
  ),
  accepts(
    'custom headers that a client must not set, and records that it ignores them',
    {
      body: {
        ...GOOD,
        custom_headers: {
          ...{ From: 'x', SENDER: 'x', to: ['x'], Cc: {}, bcc: 'eve@rcpt.test', Subject: 'a\r\nb' },
          ...{ 'mime-version': '2', 'Content-Type': 'x', 'content-anything': 1, Received: 'x' },
          ...{ 'Return-Path': 'x', 'DKIM-Signature': 'x', 'X-Sender': 'x', 'x-receiver': 'x', 'X-Kept': '1' },
        },
      },
    },
    submission({
      headers: [{ name: 'X-Kept', value: '1' }],
      ignoredHeaders: [
        ...[
          'From',
          'SENDER',
          'to',
          'Cc',
          'bcc',
          'Subject',
          'mime-version',
          'Content-Type',
          'content-anything',
        ],
        ...['Received', 'Return-Path', 'DKIM-Signature', 'X-Sender', 'x-receiver'],
      ],
    }),
  ),
  accepts(
    'a valid Date and Message-ID in custom headers',
    {
      body: {
        ...GOOD,
        custom_headers: { date: 'Wed, 02 Jan 2030 05:04:05 +0200', 'Message-Id': '<own@sender.test>' },
      },
    },
    submission({ date: Date.UTC(2030, 0, 2, 3, 4, 5), messageId: '<own@sender.test>' }),
  ),
  accepts(
    'an invalid Date and Message-ID in custom headers, and ignores them',
    { body: { ...GOOD, custom_headers: { Date: '31 Feb 2030 00:00:00 +0000', 'Message-ID': 'own' } } },
    submission({ ignoredHeaders: ['Date', 'Message-ID'] }),
  ),
  accepts(
    'Reply-To in custom headers',
    { body: { ...GOOD, custom_headers: { 'reply-to': 'Acme, Inc. <a@b.test>' } } },
    submission({ replyTo: ['Acme, Inc. <a@b.test>'] }),
  ),
  accepts(
    'several mailboxes in Reply-To in custom headers',
    { body: { ...GOOD, custom_headers: { 'Reply-To': 'a@b.test, c@d.test' } } },
    submission({ replyTo: ['a@b.test', 'c@d.test'] }),
  ),
  accepts(
    'reply_to before Reply-To in custom headers',
    { body: { ...GOOD, reply_to: 'r@b.test', custom_headers: { 'Reply-To': 'a@b.test' } } },
    submission({ replyTo: ['r@b.test'] }),
  ),
];

export const acceptedCases = [
  ...credentials,
  ...forms,
  ...addresses,
  ...contents,
  ...headers,
  ...filesAccepted,
];

function withoutHeaders(sent: ReturnType<typeof multipart>) {
  return { ...sent, headers: { ...sent.headers, ...NO_CREDENTIALS } };
}

function withHeaders(...fields: readonly (readonly [string, string])[]) {
  return submission({ headers: fields.map(([name, value]) => ({ name, value })) });
}
