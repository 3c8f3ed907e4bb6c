/** Credentials: a password (PLAIN, LOGIN) or an OAuth 2 access token (XOAUTH2). */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | { readonly username: string; readonly accessToken: string };

export type AuthMechanism = 'PLAIN' | 'LOGIN' | 'XOAUTH2';

/** An AUTH exchange: the command line, and the responses to the 334 replies, in order. */
export interface AuthExchange {
  readonly mechanism: AuthMechanism;
  readonly command: string;
  readonly responses: readonly string[];
}

/** RFC 5321 4.5.3.1.4: a command line has at most 512 octets with CRLF, also with an initial response (RFC 4954 4). */
const MAX_COMMAND = 510;

/** Plans the exchange for the best offered mechanism; undefined when the server offers no supported one. */
export function planAuth(credentials: Credentials, offered: readonly string[]): AuthExchange | undefined {
  if ('accessToken' in credentials) {
    if (!offered.includes('XOAUTH2')) return undefined;
    const { username, accessToken } = credentials;
    // A server refuses a token with a 334 that has the reason. After an empty response it sends the 535.
    const exchange = singleResponse(
      'XOAUTH2',
      `user=${username}\u0001auth=Bearer ${accessToken}\u0001\u0001`,
    );
    return { ...exchange, responses: [...exchange.responses, ''] };
  }
  const { username, password } = credentials;
  if (offered.includes('PLAIN')) return singleResponse('PLAIN', `\u0000${username}\u0000${password}`);
  if (!offered.includes('LOGIN')) return undefined;
  return { mechanism: 'LOGIN', command: 'AUTH LOGIN', responses: [base64(username), base64(password)] };
}

/** One response has everything: in the command line if it is short enough, else after an empty challenge. */
function singleResponse(mechanism: AuthMechanism, message: string): AuthExchange {
  const response = base64(message);
  const command = `AUTH ${mechanism} ${response}`;
  if (command.length <= MAX_COMMAND) return { mechanism, command, responses: [] };
  return { mechanism, command: `AUTH ${mechanism}`, responses: [response] };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
