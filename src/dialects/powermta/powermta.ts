import type { Mailbox } from '../../core/address.ts';
import { AppError, invalidField } from '../../core/errors.ts';
import type { Content } from '../../core/message.ts';
import type { Submission } from '../../core/submission.ts';
import { keyOfAuthorization } from '../authorization.ts';
import { type Dialect, type DialectReply, type Route, route } from '../dialect.ts';
import { STATUS } from '../http-status.ts';
import { refusalHeaders } from '../refusal-headers.ts';
import { decodeMessage, type PowerMtaMessage } from './read-message.ts';
import { MESSAGE_SCHEMA } from './schema.ts';

/** The PowerMTA Email API: one route, replies without a body, and the error texts of the original Go program. */
export const powermta: Dialect = {
  name: 'powermta',
  owns: path => path === '/messages' || path.startsWith('/messages/'),
  routes: [submitBy('POST'), submitBy('PUT')],
  allowsKeyless: true,
  credential: request => keyOfAuthorization(request.headers['authorization']),
  sayError,
};

function submitBy(method: 'POST' | 'PUT'): Route {
  return route({
    method,
    path: '/messages',
    access: 'send',
    operation: 'submit',
    parse: request => toSubmission(decodeMessage(request.body)),
    // The original sends neither a body nor a Content-Type.
    reply: () => ({ status: 200 }),
    description: {
      tag: 'PowerMTA',
      summary: 'Send a message with the request of the PowerMTA Email API',
      description:
        'Keys are matched in any case, unknown keys are ignored. Success is an empty 200, errors are a line of text.',
      body: MESSAGE_SCHEMA,
      replies: {
        200: { description: 'The message is stored and will be delivered' },
        400: { description: 'The error, as one line of text' },
      },
    },
  });
}

function toSubmission(message: PowerMtaMessage): Submission {
  const { from, to, cc, bcc } = message;
  if (from === undefined) throw new AppError('invalid', '"from" missing');
  const recipients = [...new Set([...to, ...cc, ...bcc].map(mailbox => mailbox.address))];
  if (recipients.length === 0) throw new AppError('invalid', 'no recipients');
  return {
    dialect: 'powermta',
    envelope: { sender: (message.sender ?? from).address, recipients },
    body: { kind: 'content', content: toContent(message, from), textEncoding: 'quoted-printable' },
  };
}

function toContent(message: PowerMtaMessage, from: Mailbox): Content {
  const { to, cc, replyto, subject, text, html } = message;
  if (/[\r\n\0]/.test(subject)) throw invalidField('subject', 'must not hold line breaks or NUL');
  return {
    from,
    to,
    cc,
    replyTo: replyto === undefined ? [] : [replyto],
    subject,
    ...(text && { text: withoutNul('text', text) }),
    ...(html && { html: withoutNul('html', html) }),
    attachments: [],
    headers: [],
  };
}

function withoutNul(field: string, text: string): string {
  if (text.includes('\0')) throw invalidField(field, 'must not hold NUL');
  return text;
}

function sayError(error: AppError): DialectReply {
  return {
    status: STATUS[error.code],
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...refusalHeaders(error),
    },
    body: `${textOf(error).replace(/[\r\n]+/g, ' ')}\n`,
  };
}

function textOf(error: AppError): string {
  return error.code === 'not_found' ? '404 page not found' : error.message;
}
