import type { DirectMail } from '../../operations/direct-send-operations.ts';
import { type Dialect, type DialectRequest, route } from '../dialect.ts';
import { formatOutcome, sayError } from './error-reply.ts';
import { readMessage } from './read-message.ts';
import { BODY_SCHEMA, ERROR_SCHEMA, HEADER_TEXTS, RESULT_SCHEMA } from './schema.ts';
import { type FindServer, readLogin, readServer } from './server-settings.ts';

/** The only path of this API. */
const PATH = '/api/smtp';
/** The request headers that browsers may send. `*` would not include Authorization. */
const REQUEST_HEADERS = [
  ...['server', 'port', 'secure', 'email', 'password'],
  ...['x-smtp-server', 'x-smtp-port', 'x-smtp-secure'],
  ...['authorization', 'content-type'],
];

/** The SMTP Mailer API sends mail through a server that the caller names. Programs and web pages of any site may call it. */
export function smtpMailer(findServer: FindServer): Dialect {
  return {
    name: 'smtp-mailer',
    owns: path => path === PATH || path.startsWith(`${PATH}/`),
    routes: [
      route({
        method: 'POST',
        path: PATH,
        access: 'anyone',
        operation: 'sendDirect',
        parse: request => toDirectMail(request, findServer),
        reply: formatOutcome,
        description: {
          tag: 'SMTP Mailer',
          summary: 'Send a message immediately through your own SMTP server',
          description: 'One attempt. The reply contains the result of the SMTP server. Nothing is queued.',
          headers: HEADER_TEXTS,
          body: BODY_SCHEMA,
          replies: {
            200: {
              description: 'The server accepted the message for at least one recipient',
              schema: RESULT_SCHEMA,
            },
          },
        },
      }),
    ],
    allowsKeyless: false,
    // The credentials in the request are for the SMTP server. The gate itself requires none.
    credential: () => undefined,
    everyReply: { 'access-control-allow-origin': '*' },
    preflight: {
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': REQUEST_HEADERS.join(', '),
      'access-control-max-age': '7200',
    },
    errorSchema: ERROR_SCHEMA,
    sayError,
  };
}

/** Checks the login first, then the server, then the message: the API fixes this order. */
function toDirectMail({ headers, body }: DialectRequest, findServer: FindServer): DirectMail {
  const login = readLogin(headers);
  const server = readServer(headers, login, findServer);
  const message = readMessage(body);
  return { dialect: 'smtp-mailer', server, ...login, ...message };
}
