import { Type } from 'typebox';
import { AppError } from '../../core/errors.ts';
import { decodeWords } from '../../mime/decode-words.ts';
import { type DialectReply, type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { type MailView, viewMail } from '../mail-view.ts';
import { download, PREVIEW_HEADERS } from '../preview-headers.ts';
import { readMessageId } from './path-id.ts';

const PARTS_SCHEMA = Type.Object({
  ...{ from: Type.String(), to: Type.String(), cc: Type.String(), replyTo: Type.String() },
  subject: Type.String(),
  headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  text: Type.Union([Type.String(), Type.Null()]),
  hasHtml: Type.Boolean(),
  attachments: Type.Array(
    Type.Object({
      index: Type.Integer(),
      filename: Type.String(),
      contentType: Type.String(),
      size: Type.Integer(),
      isInline: Type.Boolean({ description: 'The HTML part shows it' }),
    }),
  ),
});

/** What a message looks like to who gets it. */
export const partRoutes: readonly Route[] = [
  partRoute('', 'A message, decoded', mail => json(200, sayParts(mail)), PARTS_SCHEMA),
  partRoute('/html', 'Its HTML part as a page of its own, which loads nothing', ({ html }) => {
    if (html === undefined) throw new AppError('not_found', 'The message has no HTML part.');
    return { status: 200, headers: { ...PREVIEW_HEADERS, 'cache-control': 'no-store' }, body: html };
  }),
  partRoute('/text', 'Its text part', ({ text }) => {
    if (text === undefined) throw new AppError('not_found', 'The message has no text part.');
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
    return { status: 200, headers: { ...headers, 'cache-control': 'no-store' }, body: text };
  }),
  partRoute('/:index', 'One of its attachments', (mail, { params }) => {
    const index = params['index'] ?? '';
    const attachment = /^\d{1,4}$/.test(index) ? mail.attachments[Number(index)] : undefined;
    if (attachment === undefined) throw new AppError('not_found', 'The message has no such part.');
    return download(attachment.content, attachment.filename);
  }),
];

function partRoute(
  below: string,
  summary: string,
  reply: (mail: MailView, request: DialectRequest) => DialectReply,
  schema?: object,
): Route {
  return route({
    method: 'GET',
    path: `/v1/messages/:id/parts${below}`,
    access: 'read',
    operation: 'body',
    parse: readMessageId,
    reply: async ({ mime }, request) => reply(await viewMail(mime), request),
    description: {
      tag: 'Following',
      summary,
      replies: {
        200: { description: summary, ...(schema && { schema }) },
        410: { description: 'Retention has removed it' },
      },
    },
  });
}

function sayParts({ html, text, headers, attachments, ...same }: MailView): object {
  return {
    ...same,
    headers: headers.map(({ name, value }) => ({ name, value: decodeWords(value) })),
    text: text ?? null,
    hasHtml: html !== undefined,
    attachments: attachments.map(({ filename, contentType, cid, content }, index) => ({
      ...{ index, filename, contentType, size: content.length, isInline: cid !== undefined },
    })),
  };
}
