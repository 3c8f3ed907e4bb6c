import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { accepts, FORM, FORM_GOOD, GOOD, multipart, submission, submission2, V2 } from './objects.cases.ts';

// Accepted requests with attachments, complete MIME messages and references.

const PNG = { filename: 'dot.png', contentType: 'image/png', content: 'aGVsbG8=' };

const attachments: readonly GoldenCase[] = [
  accepts(
    'attachments with name, type and content',
    { body: { ...GOOD, attachments: [{ name: 'dot.png', type: 'image/png', content: 'aGVsbG8=' }] } },
    submission({ attachments: [PNG] }),
  ),
  accepts(
    'an attachment with only content',
    { body: { ...GOOD, attachments: [{ content: 'aGVs\r\nbG8=', name: null, unknown: 1 }] } },
    submission({ attachments: [{ contentType: 'application/octet-stream', content: 'aGVs\r\nbG8=' }] }),
  ),
  accepts(
    'an attachment as a data: URI',
    { body: { ...GOOD, attachments: [{ name: 'dot.png', content: 'data:image/png;base64,aGVsbG8=' }] } },
    submission({ attachments: [PNG] }),
  ),
  accepts(
    'content_id, and adds the domain of the sender',
    {
      body: {
        ...GOOD,
        attachments: [{ name: 'dot.png', type: 'image/png', content: 'aGVsbG8=', content_id: 'logo' }],
      },
    },
    submission({ attachments: [{ ...PNG, cid: 'logo@sender.test' }] }),
  ),
  accepts(
    'attachments in fields of a form',
    {
      headers: FORM,
      body: `${FORM_GOOD}&attachments[0][name]=dot.png&attachments[0][type]=image/png&attachments[0][content]=aGVsbG8%3D`,
    },
    submission({ attachments: [PNG] }),
  ),
  accepts(
    'attachments as JSON in a form',
    {
      headers: FORM,
      body: `${FORM_GOOD}&attachments=[{"name":"dot.png","type":"image/png","content":"aGVsbG8="}]`,
    },
    submission({ attachments: [PNG] }),
  ),
  accepts(
    'attachments as files of a multipart form',
    multipart(
      ['name="from"', GOOD.from],
      ['name="to"', GOOD.to],
      ['name="attachments[]"; filename="dot.png"\r\nContent-Type: image/png', Buffer.from([0, 255, 13, 10])],
    ),
    submission({ attachments: [{ ...PNG, content: Buffer.from([0, 255, 13, 10]) }] }),
  ),
  accepts(
    'v2: reference_id and X-campaign-ID',
    { url: V2, body: { ...GOOD, reference_id: 77, 'X-campaign-ID': 'spring' } },
    submission2({ metadata: { referenceId: '77', campaignId: 'spring' } }),
  ),
  accepts(
    'v1: reference_id as an unknown field',
    { body: { ...GOOD, reference_id: 77, 'X-campaign-ID': 'spring' } },
    submission(),
  ),
];

const RAW = 'Subject: Old\nX-Kept: 1\n\nline\r\nline\n';
const RAW_HEADER =
  'From: shop@sender.test\r\nTo: ada@rcpt.test\r\nSubject: New\r\nMIME-Version: 1.0\r\nX-Kept: 1\r\n';

const mimes: readonly GoldenCase[] = [
  ...['mime_raw', 'mime'].map(field =>
    accepts(
      `${field} instead of the bodies`,
      { body: { ...GOOD, subject: 'New', content: 'no', html_content: 'no', [field]: RAW } },
      raw(`${RAW_HEADER}\r\nline\r\nline\r\n`),
    ),
  ),
  accepts(
    'mime_raw without a header',
    { body: { ...GOOD, subject: 'New', mime_raw: '\nX: body' } },
    raw(`${RAW_HEADER.replace('X-Kept: 1\r\n', '')}\r\nX: body`),
  ),
  accepts(
    'mime_raw in a form, and keeps its bytes',
    { headers: FORM, body: `${FORM_GOOD}&subject=New&mime_raw=X-Kept%3A+1%0A%0A%FF%FE` },
    raw(Buffer.concat([Buffer.from(`${RAW_HEADER}\r\n`), Buffer.from([255, 254])])),
  ),
];

export const filesAccepted = [...attachments, ...mimes];

function raw(mime: string | Buffer) {
  return { ...submission(), body: { kind: 'raw' as const, mime: Buffer.from(mime as string) } };
}
