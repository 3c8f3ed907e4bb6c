import type { DirectMail } from '../../operations/direct-send-operations.ts';
import { type Dialect, type DialectRequest, route } from '../dialect.ts';
import { sayError, sayOutcome } from './error-reply.ts';
import { readMessage } from './read-message.ts';
import { BODY_SCHEMA, ERROR_SCHEMA, HEADER_TEXTS, RESULT_SCHEMA } from './schema.ts';
import { readLogin, readServer, type ServerOf } from './server-settings.ts';

/** The one path there is. */
const PATH = '/api/smtp';
/** Named one by one: browsers do not take `*` for Authorization. */
const CALLERS_HEADERS = [
  ...['server', 'port', 'secure', 'email', 'password'],
  ...['x-smtp-server', 'x-smtp-port', 'x-smtp-secure'],
  ...['authorization', 'content-type'],
];

/** SMTP Mailer: mail through a server that the caller brings along, called by programs and by pages of any site. */
export function smtpMailer(serverOf: ServerOf): Dialect {
  return {
    name: 'smtp-mailer',
    owns: path => path === PATH || path.startsWith(`${PATH}/`),
    routes: [
      route({
        method: 'POST',
        path: PATH,
        access: 'anyone',
        operation: 'sendDirect',
        parse: request => toDirectMail(request, serverOf),
        reply: sayOutcome,
        description: {
          tag: 'SMTP Mailer',
          summary: 'Send a message at once through a server of your own',
          description: 'One attempt; the reply tells what the server said. Nothing is queued.',
          headers: HEADER_TEXTS,
          body: BODY_SCHEMA,
          replies: {
            200: { description: 'The server took it for one recipient at least', schema: RESULT_SCHEMA },
          },
        },
      }),
    ],
    allowsKeyless: false,
    // The credentials are for another server: ours asks for none.
    credential: () => undefined,
    everyReply: { 'access-control-allow-origin': '*' },
    preflight: {
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': CALLERS_HEADERS.join(', '),
      'access-control-max-age': '7200',
    },
    errorSchema: ERROR_SCHEMA,
    sayError,
  };
}

/** In the order of the checks: who, where, what. */
function toDirectMail({ headers, body }: DialectRequest, serverOf: ServerOf): DirectMail {
  const login = readLogin(headers);
  const server = readServer(headers, login, serverOf);
  const message = readMessage(body);
  return { dialect: 'smtp-mailer', server, ...login, ...message };
}
