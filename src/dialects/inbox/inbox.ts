import { AppError, invalidField } from '../../core/errors.ts';
import { isMessageId } from '../../core/id.ts';
import type { MessageId, ProviderId } from '../../core/message.ts';
import type { MessageView } from '../../core/message-view.ts';
import type { Operations } from '../../operations/operations.ts';
import { keyOfAuthorization } from '../authorization.ts';
import { type Dialect, type DialectReply, type DialectRequest, type Route, route } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { json } from '../json-reply.ts';
import { type MailView, viewMail } from '../mail-view.ts';
import { present } from '../present.ts';
import { download, PREVIEW_HEADERS } from '../preview-headers.ts';
import { refusalHeaders } from '../refusal-headers.ts';
import { errorPage, listPage, mailPage } from './inbox-pages.ts';

const PAGE = 50;
const MAX_PAGE = 1_000;

/** The inbox of development mode: JSON for programs, HTML pages for browsers. */
export function inbox(provider: ProviderId): Dialect {
  return {
    name: 'inbox',
    owns: path => path === '/inbox' || path.startsWith('/inbox/'),
    routes: [listRoute(provider), ...mailRoutes],
    allowsKeyless: true,
    credential: request => keyOfAuthorization(request.headers['authorization']),
    sayError,
  };
}

function listRoute(provider: ProviderId): Route {
  return route({
    method: 'GET',
    path: '/inbox',
    access: 'read',
    operation: 'messages',
    parse: request => ({ filter: { provider }, ...toPage(request) }),
    reply: (page, request) =>
      prefersHtml(request)
        ? listPage(page)
        : json(200, { messages: page.items.map(toSummary), next: page.next ?? null }),
    description: {
      tag: 'Inbox',
      summary: 'The messages that development mode kept instead of sending, newest first',
      description: 'An HTML page if the request accepts text/html, or else JSON.',
      query: { limit: `1 to ${MAX_PAGE}; absent: ${PAGE}`, cursor: '`next` of the previous page' },
      replies: { 200: { description: '`{messages, next}`' } },
    },
  });
}

const mailRoutes: readonly Route[] = [
  mailRoute('', 'A captured message, decoded', (message, mail, request) =>
    prefersHtml(request) ? mailPage(message, mail) : json(200, toMailObject(message, mail)),
  ),
  mailRoute('/html', 'The HTML part of a captured message, for a sandboxed frame', (_message, mail) => {
    if (mail.html === undefined) throw new AppError('not_found', 'The message has no HTML part.');
    return { status: 200, headers: PREVIEW_HEADERS, body: mail.html };
  }),
  mailRoute('/attachments/:index', 'An attachment of a captured message', (_message, mail, request) => {
    const attachment = mail.attachments[Number(request.params['index'])];
    if (attachment === undefined) throw new AppError('not_found', 'The message has no such attachment.');
    return download(attachment.content, attachment.filename);
  }),
  route({
    method: 'GET',
    path: '/inbox/:id/raw',
    access: 'read',
    operation: 'body',
    parse: toId,
    reply: ({ mime }) => ({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: mime,
    }),
    description: {
      tag: 'Inbox',
      summary: 'The source of a captured message',
      replies: { 200: { description: 'The message as sent' } },
    },
  }),
];

function mailRoute(
  subPath: string,
  summary: string,
  reply: (message: MessageView, mail: MailView, request: DialectRequest) => DialectReply,
): Route {
  return route({
    method: 'GET',
    path: `/inbox/:id${subPath}`,
    access: 'read',
    operation: 'body',
    parse: toId,
    reply: async ({ mime, message }, request) => reply(message, await viewMail(mime), request),
    description: { tag: 'Inbox', summary, replies: { 200: { description: summary } } },
  });
}

function sayError(error: AppError, request: DialectRequest): DialectReply {
  const status = STATUS[error.code];
  if (!prefersHtml(request)) {
    return json(status, { error: { code: error.code, message: error.message } }, refusalHeaders(error));
  }
  const page = errorPage(status, error.message);
  return { ...page, headers: { ...page.headers, ...refusalHeaders(error) } };
}

function prefersHtml({ headers }: DialectRequest): boolean {
  return headers['accept']?.includes('text/html') ?? false;
}

function toId({ params }: DialectRequest): { id: MessageId } {
  const id = params['id'] ?? '';
  if (!isMessageId(id)) throw new AppError('not_found', 'There is no such message.');
  return { id };
}

function toPage({ query }: DialectRequest): Pick<Operations['messages']['input'], 'limit' | 'cursor'> {
  const limit = Number(query.get('limit') ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_PAGE}`);
  }
  return { limit, ...present({ cursor: query.get('cursor') ?? undefined }) };
}

function toSummary({ id, sender, from, recipients, subject, size, createdAt }: MessageView): object {
  const to = recipients.map(({ address }) => address);
  return {
    id,
    envelope: { sender, recipients: to },
    from,
    subject,
    size,
    createdAt: new Date(createdAt).toISOString(),
  };
}

function toMailObject(message: MessageView, mail: MailView): object {
  return {
    ...toSummary(message),
    ...mail,
    attachments: mail.attachments.map(({ content, ...attachment }, index) => ({
      ...attachment,
      size: content.length,
      url: `/inbox/${message.id}/attachments/${index}`,
    })),
  };
}
